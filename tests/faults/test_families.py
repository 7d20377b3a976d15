"""Every kind of training survives what the classifiers survive."""

import random
import time
from pathlib import Path

import pytest

from tests.faults import processes
from tests.faults.counts import times
from tests.faults.runs import difference, outcome
from tests.faults.small_recipes import EVERY, NAMES, small_recipe
from zoo.cli import train
from zoo.recipes.checkpoints import find_checkpoint

QUICK = {"long-term-dependency", "center-loss-digits", "generalized-similarity-digits", "lstm-copy", "semc-synthetic"}
"""The others measure for long when they have trained."""


def _train(args):
    train.train(small_recipe(args[0]))


def _start(name, folder):
    folder.mkdir()
    return processes.start(_train, [name], folder=folder)


def _run(folder: Path) -> Path:
    (found,) = (folder / "runs").iterdir()
    return found


def _wait_for_a_save(folder):
    processes.wait_for(lambda: list(folder.glob("runs/*/checkpoints/step-*.ckpt")), seconds=120)


@times(1, 5)
@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NAMES])
def test_a_training_of_any_kind_that_is_killed_ends_as_if_it_had_not_been(name, count, tmp_path, report):
    draw = random.Random(name)
    whole = _start(name, tmp_path / "whole")
    _wait_for_a_save(tmp_path / "whole")
    began = time.monotonic()
    assert processes.finish(whole) == 0, (tmp_path / "whole/out.stderr").read_text()
    seconds, expected, resumed = time.monotonic() - began, outcome(_run(tmp_path / "whole")), 0
    for number in range(count):
        folder = tmp_path / str(number)
        process = _start(name, folder)
        _wait_for_a_save(folder)
        time.sleep(draw.uniform(0, 0.5) * seconds)
        process.kill()
        processes.finish(process)
        if not (_run(folder) / "metrics.json").is_file():
            resumed += 1
            assert find_checkpoint(_run(folder))[1] is None
            again = processes.start(train.main, ["--resume", str(_run(folder))], folder=folder, name="resumed")
            assert processes.finish(again) == 0, (folder / "resumed.stderr").read_text()
        assert difference(expected, outcome(_run(folder))) is None
    assert resumed, "all had finished before they were killed"
    report.add(
        f"kill -9 at a random moment of a small {name} (a save every {EVERY} steps), then `--resume`",
        count=count,
        result=f"weights, optimiser, random state, sums and every logged scalar bit-identical to the unbroken run; {resumed} were killed "
        "before their end",
    )
