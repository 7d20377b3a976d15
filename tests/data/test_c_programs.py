import shutil
import subprocess

import pytest
import torch

from zoo.data import c_programs
from zoo.data.c_programs import PROBLEMS, write_program, write_programs
from zoo.errors import ZooError


def _generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
def test_programs_for_every_problem_compile_without_a_warning():
    for problem, name in enumerate(PROBLEMS):
        for seed in range(2):
            program = write_program(problem, _generator(seed))
            command = ["gcc", "-std=c99", "-Wall", "-Werror", "-fsyntax-only", "-x", "c", "-"]
            done = subprocess.run(command, input=program, text=True, capture_output=True)
            assert done.returncode == 0, f"{name}: {done.stderr}\n{program}"


@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
@pytest.mark.parametrize(
    ("problem", "given", "printed"),
    [
        ("largest of n numbers", "4 3 9 -2 5", ["9"]),
        ("greatest common divisor", "12 18", ["6"]),
        ("primes up to n", "12", ["2", "3", "5", "7", "11"]),
        ("binary digits", "10", ["1", "0", "1", "0"]),
        ("second largest", "4 7 1 9 8", ["9", "8"]),
        ("trace of a matrix", "2 1 2 3 4", ["5"]),
        ("binary search", "4 1 3 5 7 5", ["2"]),
    ],
)
def test_programs_do_what_their_problem_says(problem, given, printed, tmp_path):
    (tmp_path / "a.c").write_text(write_program(PROBLEMS.index(problem), _generator(3)))
    subprocess.run(["gcc", "-o", tmp_path / "a", tmp_path / "a.c"], check=True)
    done = subprocess.run([tmp_path / "a"], input=given, text=True, capture_output=True, timeout=10)
    found = done.stdout.replace("gcd =", "").split() if problem != "binary digits" else list(done.stdout.strip())
    assert found == printed


def test_the_same_generator_writes_the_same_and_no_text_twice():
    texts, problems = write_programs(200, _generator())
    assert (texts, problems) == write_programs(200, _generator())
    assert texts != write_programs(200, _generator(1))[0]
    assert len(set(texts)) == 200
    assert set(problems) == set(range(len(PROBLEMS)))


def test_more_programs_than_the_templates_give_are_refused(monkeypatch):
    monkeypatch.setattr(c_programs, "PROBLEMS", ("short",))
    monkeypatch.setattr(c_programs, "TEMPLATES", {"short": "int ⟨x¦y⟩;\n"})
    assert len(write_programs(2, _generator())[0]) == 2
    with pytest.raises(ZooError, match=r"after 2 programs the template for 'short' gives no new one.*--data.programs"):
        write_programs(3, _generator())


def test_nothing_of_the_templates_notation_is_left():
    assert not any(mark in text for text in write_programs(100, _generator())[0] for mark in "⟨⟩¦$")
