"""Processes that are killed or asked to stop at any moment."""

import os
import random
import signal
import struct
import sys
import time
from pathlib import Path

import pytest

from tests.faults import processes
from tests.faults.counts import times
from tests.faults.runs import difference, outcome
from zoo.cli import list_models, train
from zoo.recipes.checkpoints import find_checkpoint, generations, saved_step

EVERY, STEPS = 10, 76  # between saves; of a whole run
# Dropout and distortion both on.
RECIPES = {
    "mlp-digits": ["mlp-digits", "--data.distortion.rotation", "10", "--data.distortion.elastic", "1"],
    "lenet5-digits": ["lenet5-digits"],
}
FLAGS = ["--trainer.max-epochs", "2", "--trainer.accelerator", "cpu", "--trainer.no-progress-bar", "--trainer.checkpoint-every", str(EVERY)]


def note_steps():
    """Make a training write down, where a kill cannot reach it, how many steps it has done and when."""
    from zoo.tasks.board import ClassificationBoard

    write_scalars, notes = ClassificationBoard.on_train_batch_end, os.open("steps", os.O_WRONLY | os.O_CREAT)

    def note(self, trainer, *args):
        os.pwrite(notes, struct.pack("<Qd", trainer.global_step, time.time()), 0)
        write_scalars(self, trainer, *args)

    ClassificationBoard.on_train_batch_end = note


def _steps(folder: Path) -> int:
    noted = folder / "steps"
    return struct.unpack("<Qd", noted.read_bytes())[0] if noted.is_file() and noted.stat().st_size else 0


def _start(recipe, folder, *, workers=0):
    folder.mkdir(exist_ok=True)
    args = [*RECIPES[recipe], *FLAGS, "--data.workers", workers, "--run", "run"]
    return processes.start(train.main, args, folder=folder, prepare=note_steps)


def _resume(folder):
    return processes.start(train.main, ["--resume", "run"], folder=folder, name="resumed", prepare=note_steps)


def _turn(number):
    """Which recipe is killed next, and with how many workers: both of both."""
    return list(RECIPES)[number % 2], (0, 2)[(number + number // 2) % 2]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Unbroken runs: how long they take after they began, and what they come to."""
    found = {}
    processes.finish(processes.start(list_models.main, ["lenet5"], folder=tmp_path_factory.mktemp("warm")))
    for recipe in RECIPES:
        folder = tmp_path_factory.mktemp("whole") / recipe
        start = time.monotonic()
        assert processes.finish(_start(recipe, folder)) == 0
        found[recipe] = time.monotonic() - start, outcome(folder / "run")
    return found


@times(2, 100)
def test_a_run_that_is_killed_at_a_random_moment_ends_as_if_it_had_not_been(count, whole, tmp_path, report):
    draw, lost, fresh = random.Random(0), [], 0
    while len(lost) < count:
        recipe, workers = _turn(len(lost))
        seconds, expected = whole[recipe]
        folder = tmp_path / str(len(lost) + fresh)
        process = _start(recipe, folder, workers=workers)
        time.sleep(draw.uniform(0.1, 1.0) * seconds)
        process.kill()
        processes.finish(process)
        if not (folder / "run/recipe.json").is_file():
            fresh += 1
            assert fresh <= count, "most were killed before they began"
            continue  # it does not count
        checkpoint, complaint = find_checkpoint(folder / "run")
        assert complaint is None
        lost.append(_steps(folder) - (saved_step(checkpoint) if checkpoint else 0))
        if not (folder / "run/metrics.json").is_file():
            assert processes.finish(_resume(folder)) == 0, (folder / "resumed.stderr").read_text()
        assert difference(expected, outcome(folder / "run")) is None
    assert max(lost) <= EVERY
    report.add(
        "kill -9 at a random moment of a training (LeNet-5 and MLP, 0 and 2 workers, dropout and distortion on), then `--resume`",
        count=count,
        result=f"weights, optimiser, random state, sums and every logged scalar bit-identical to the unbroken run without workers; at most "
        f"{max(lost)} steps lost, {EVERY} between saves; {fresh} more, killed before the run had begun, are not counted",
    )


@times(2, 80)
def test_a_signal_saves_at_once_and_the_run_goes_on_exactly(count, whole, tmp_path, report):
    draw, waited, late = random.Random(1), [], 0
    term = signal.SIGTERM  # five in eight
    kinds = [term, signal.SIGINT, term, signal.SIGHUP, term, signal.SIGUSR1, term, term]
    while len(waited) < count:
        (recipe, workers), kind = _turn(len(waited)), kinds[len(waited) // 2 % len(kinds)]
        folder = tmp_path / str(len(waited) + late)
        process = _start(recipe, folder, workers=workers)
        moment = draw.randrange(STEPS * 2 // 3)  # what is left is time to notice it in
        processes.wait_for(lambda folder=folder, moment=moment: _steps(folder) > moment)
        sent = time.monotonic()
        os.kill(process.pid, kind)
        code = processes.finish(process)
        if code == 128 + kind:
            waited.append(time.monotonic() - sent)
            assert "go on with:\n  python scripts/train.py --resume run" in (folder / "out.stdout").read_text()
            assert saved_step(find_checkpoint(folder / "run")[0]) == _steps(folder)
        else:
            late += 1  # all steps were done before we noticed the moment
            assert _steps(folder) == STEPS, f"{kind} was not obeyed (code {code})"
            assert late <= count, "most signals came too late"
        if not (folder / "run/metrics.json").is_file():
            assert processes.finish(_resume(folder)) == 0, (folder / "resumed.stderr").read_text()
        assert difference(whole[recipe][1], outcome(folder / "run")) is None
    assert max(waited) < 5
    report.add(
        "SIGTERM (50 of 80), SIGINT, SIGHUP or SIGUSR1 at a random moment (0 and 2 workers), then `--resume`",
        count=count,
        result=f"stopped with code 128 + n after the step that they were in, nothing lost; saved and gone after {max(waited):.2f} s at "
        f"most; the end bit-identical to the unbroken run; {late} more, which came when training was over, are not counted",
    )


def lose_reader():
    """As when `| tee` ends by the same Ctrl-C: whatever is written to stdout fails."""
    reader, writer = os.pipe()
    os.close(reader)
    sys.stdout = os.fdopen(writer, "w")


def test_a_training_outlives_the_reader_of_what_it_says(tmp_path):
    args = ["mlp-digits", "--trainer.max-epochs", "2", "--trainer.accelerator", "cpu", "--run", "run"]
    assert processes.finish(processes.start(train.main, args, folder=tmp_path, prepare=lose_reader)) == 0
    assert (tmp_path / "run/metrics.json").is_file()
    assert processes.finish(processes.start(list_models.main, [], folder=tmp_path, prepare=lose_reader)) == 128 + signal.SIGPIPE


def _lose_reader_and_note():
    lose_reader()
    note_steps()


def test_a_signal_without_a_reader_saves_and_is_told_by_the_code(tmp_path):
    args = ["mlp-digits", "--trainer.max-epochs", "1000", "--trainer.accelerator", "cpu", "--run", "run"]
    process = processes.start(train.main, args, folder=tmp_path, prepare=_lose_reader_and_note)
    processes.wait_for(lambda: _steps(tmp_path) > 20)
    os.kill(process.pid, signal.SIGINT)
    assert processes.finish(process) == 130
    assert saved_step(find_checkpoint(tmp_path / "run")[0]) == _steps(tmp_path)


def _save_for_ever(args):
    """Save as a training does, until somebody kills us."""
    import torch

    from zoo.recipes.checkpoint_file import write_checkpoint
    from zoo.recipes.checkpoints import generations

    state = {"weights": torch.arange(500_000.0), "global_step": 0}
    Path("run/checkpoints").mkdir(parents=True, exist_ok=True)
    for step in range(1, 10**9):
        write_checkpoint(Path(f"run/checkpoints/step-{step:09d}.ckpt"), state | {"global_step": step})
        for old in generations(Path("run"))[2:]:
            old.unlink()


@times(6, 200)
@pytest.mark.parametrize("temporary", ["same", "other"])
def test_a_kill_during_a_save_leaves_a_whole_checkpoint(count, temporary, tmp_path, report):
    from zoo.recipes.checkpoint_file import read_checkpoint

    other = Path("/dev/shm")
    if temporary == "other" and not other.is_dir():
        pytest.skip("needs a second file system")
    draw, halves = random.Random(2), 0
    for number in range(count):
        folder = tmp_path / str(number)
        folder.mkdir()
        environment = {"TMPDIR": str(other if temporary == "other" else folder)}
        process = processes.start(_save_for_ever, [], folder=folder, environment=environment)
        processes.wait_for(lambda folder=folder: list(folder.glob("run/checkpoints/*.ckpt")))
        time.sleep(draw.uniform(0, 0.05))
        process.kill()
        processes.finish(process)
        halves += bool(list(folder.rglob("*.partial")))
        checkpoint, complaint = find_checkpoint(folder / "run")
        assert complaint is None
        assert checkpoint is not None
        assert all(read_checkpoint(one)["global_step"] == saved_step(one) for one in generations(folder / "run"))
    assert halves or count < 100, "no kill fell within a write"
    report.add(
        f"kill -9 while saving, one save after another; TMPDIR on {'another file system' if temporary == 'other' else 'the same disk'}",
        count=count,
        result=f"no unreadable checkpoint; {halves} kills fell within a write, and the half file was not taken for one",
    )


@times(2, 20)
@pytest.mark.parametrize("named", [True, False])
def test_two_trainings_started_together_do_not_touch_each_other(count, named, tmp_path, report):
    refused = 0
    for number in range(count // 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        args = ["mlp-double-moon", "--trainer.max-epochs", "1", "--trainer.accelerator", "cpu", "--trainer.no-progress-bar"]
        args += ["--run", "run"] if named else []
        pair = [processes.start(train.main, args, folder=folder, name=name) for name in ("a", "b")]
        codes = sorted(processes.finish(process) for process in pair)
        runs = [folder / "run"] if named else sorted((folder / "runs").iterdir())
        assert codes == ([0, 2] if named else [0, 0])
        assert len(runs) == (1 if named else 2)
        first = outcome(runs[0])
        assert all(difference(first, outcome(run)) is None for run in runs)
        if named:
            refused += 1
            complaint = (folder / "a.stderr").read_text() + (folder / "b.stderr").read_text()
            assert complaint.count("\n") == 1
            assert "another training is using" in complaint or "not empty" in complaint
    report.add(
        f"pairs of trainings started at the same moment, {'with one `--run`' if named else 'in one place'}",
        count=count // 2,
        result="one trained, the other was refused with one line" if named else "each had a folder of its own; nothing was lost",
    )
