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


ANSWERS = {
    "largest of n numbers": ("4 3 9 -2 5", {"9"}),
    "place of the smallest": ("4 3 9 -2 5", {"2 -2", "3 -2"}),
    "sum and mean": ("4 3 9 -2 5", {"3.75"}),
    "bubble sort": ("4 3 9 -2 5", {"-2 3 5 9", "9 5 3 -2"}),
    "selection sort": ("4 3 9 -2 5", {"-2 3 5 9"}),
    "greatest common divisor": ("12 18", {"6", "gcd = 6"}),
    "primes up to n": ("12", {"2 3 5 7 11"}),
    "is it a prime": ("91", {"no"}),
    "factorial": ("10", {"3628800"}),
    "fibonacci numbers": ("6", {"0 1 1 2 3 5", "1 1 2 3 5 8"}),
    "numbers in reverse": ("4 3 9 -2 5", {"5 -2 9 3"}),
    "palindrome": ("abcba", {"yes"}),
    "letters and digits of a line": ("ab1-", {"1 2 1"}),
    "sum of digits": ("1902", {"12"}),
    "trace of a matrix": ("2 1 2 3 4", {"5"}),
    "binary search": ("4 1 3 5 7 5", {"2"}),
    "second largest": ("3 -5 -100000 -20000", {"-5 -20000"}),
    "binary digits": ("10", {"1010"}),
}
"""What each problem's programs may print, given what; case, colons and white space aside."""


@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
@pytest.mark.parametrize("problem", PROBLEMS)
def test_programs_do_what_their_problem_says(problem, tmp_path):
    given, answers = ANSWERS[problem]
    for seed in range(4):
        program = write_program(PROBLEMS.index(problem), _generator(seed))
        (tmp_path / "a.c").write_text(program)
        subprocess.run(["gcc", "-o", tmp_path / "a", tmp_path / "a.c"], check=True)
        done = subprocess.run([tmp_path / "a"], input=given, text=True, capture_output=True, timeout=10)
        assert " ".join(done.stdout.lower().replace(":", "").split()) in answers, program


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
