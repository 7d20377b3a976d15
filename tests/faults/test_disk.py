"""A disk that is full, read-only or gone: what was saved stays, and nobody is told that all is well."""

import errno
import os
import resource
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.helpers import fails_with_one_line
from tests.faults import processes
from tests.recipes.helpers import run, short
from zoo.cli import evaluate, train
from zoo.errors import RunError
from zoo.recipes.checkpoint_file import read_checkpoint, write_checkpoint
from zoo.recipes.checkpoints import find_checkpoint
from zoo.recipes.durable import write_durably

CALLS = ("open", "write", "fsync", "replace")


class Disk:
    """Fails at the ``failing``-th call of the system that a save makes; counts them."""

    def __init__(self, patch, failing: int, *, code: int = errno.ENOSPC, only=CALLS) -> None:
        self.calls, self.failing, self.code = [], failing, code
        for name in only:
            patch.setattr(f"zoo.recipes.durable.os.{name}", self._watched(name, getattr(os, name)))

    def _watched(self, name, call):
        def watched(*args):
            self.calls.append(name)
            if len(self.calls) == self.failing:
                if name == "write":
                    call(args[0], bytes(args[1])[:100])  # a full disk takes what fits
                raise OSError(self.code, os.strerror(self.code))
            return call(*args)

        return watched


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT])
def test_a_save_that_fails_anywhere_leaves_the_old_file_byte_for_byte(code, tmp_path, report):
    path, state = tmp_path / "a.ckpt", {"step": 1}
    write_checkpoint(path, state)
    before, failing = path.read_bytes(), 0
    while True:
        failing += 1
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, failing, code=code)
            try:
                write_checkpoint(path, {"step": 2})
                break
            except RunError as error:
                complaint = str(error)
        assert complaint.startswith(f"{path}: cannot be written ({os.strerror(code)})")
        replaced = disk.calls.count("replace") and disk.calls[-1] != "replace"
        assert replaced or path.read_bytes() == before
        assert read_checkpoint(path)["step"] in ((1, 2) if replaced else (1,))
        assert [each.name for each in tmp_path.iterdir()] == ["a.ckpt"]
        path.write_bytes(before)
    assert failing > len(CALLS)
    report.add(
        f"{errno.errorcode[code]} at each system call of a save",
        count=failing - 1,
        result="the last good file byte-identical, or the new one whole where only the folder's fsync failed; nothing left behind",
    )


def test_short_writes_are_gone_on_with(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr("zoo.recipes.durable.os.write", lambda descriptor, view: write(descriptor, bytes(view)[:3]))
    write_durably(tmp_path / "a", b"hello", b" world")
    assert (tmp_path / "a").read_bytes() == b"hello world"


def _fill_the_disk():
    """No checkpoint after the first one can be saved."""
    from zoo.recipes import checkpoints

    save, saved = checkpoints.write_checkpoint, []

    def full(path, checkpoint):
        saved.append(path)
        if len(saved) > 1:
            Disk(pytest.MonkeyPatch(), 2)
        save(path, checkpoint)

    checkpoints.write_checkpoint = full


def test_a_training_on_a_disk_that_fills_up_ends_with_code_1_and_goes_on_later(tmp_path, report):
    flags = ["--trainer.max-epochs", "2", "--trainer.accelerator", "cpu", "--trainer.no-progress-bar", "--trainer.checkpoint-every", "30"]
    args = ["mlp-double-moon", *flags, "--run", "run"]
    assert processes.finish(processes.start(train.main, args, folder=tmp_path, prepare=_fill_the_disk)) == 1
    complaint = (tmp_path / "out.stderr").read_text()
    assert complaint.count("\n") == 1
    assert "No space left on device" in complaint
    assert "run/checkpoints/step-000000060.ckpt" in complaint
    checkpoint, _ = find_checkpoint(tmp_path / "run")
    assert read_checkpoint(checkpoint)["global_step"] == 30
    assert processes.finish(processes.start(train.main, ["--resume", "run"], folder=tmp_path)) == 0
    report.add("a disk that fills up in mid-run", count=1, result="exit code 1, one line with the path; the run goes on when there is room")


def _limit_files_to_a_line():
    resource.setrlimit(resource.RLIMIT_FSIZE, (30, 30))


def test_figures_that_cannot_be_written_leave_the_old_ones(tmp_path):
    (tmp_path / "figures.json").write_text("{}")
    args = ["lenet5.digits_v1", "--json", "figures.json"]
    assert processes.finish(processes.start(evaluate.main, args, folder=tmp_path, prepare=_limit_files_to_a_line)) == 1
    assert (tmp_path / "figures.json").read_text() == "{}"


def _limit_files():
    """No file, TensorBoard's included, may grow beyond 8 KiB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 10, 8 << 10))


def test_a_file_of_tensorboard_that_cannot_be_written_ends_the_training_with_code_1(tmp_path, report):
    args = ["mlp-double-moon", "--trainer.max-epochs", "2", "--trainer.accelerator", "cpu", "--trainer.no-progress-bar", "--run", "run"]
    assert processes.finish(processes.start(train.main, args, folder=tmp_path, prepare=_limit_files), seconds=120) == 1
    complaint = (tmp_path / "out.stderr").read_text()
    assert complaint.count("\n") == 1
    assert "File too large" in complaint
    report.add("no file may grow beyond 8 KiB, TensorBoard's included", count=1, result="exit code 1, one line; no hang")


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "metrics.json"])
def test_what_cannot_be_written_at_the_end_is_an_error(file, tmp_path, monkeypatch):
    def refuse(path, *parts):
        if path.name == file:
            raise RunError(f"{path}: cannot be written")
        write_durably(path, *parts)

    monkeypatch.setattr("zoo.recipes.durable.write_durably", refuse)
    monkeypatch.setattr("zoo.recipes.release.write_durably", refuse)
    recipe = short("mlp-double-moon")
    with pytest.raises(RunError, match=file):
        run(replace(recipe, trainer=replace(recipe.trainer, max_steps=2)), tmp_path / "run")
    assert not (tmp_path / "run/metrics.json").exists(), "who finds the figures finds a whole run"


def test_too_little_room_is_found_before_the_first_step(capsys, in_tmp, monkeypatch):
    monkeypatch.setattr("zoo.recipes.run_folder.shutil.disk_usage", lambda folder: type("Usage", (), {"free": 1 << 20}))
    assert "1 MiB are free" in fails_with_one_line(train.main, ["mlp-double-moon", "--trainer.no-progress-bar"], capsys)
    assert not list(Path("runs").iterdir())


def test_a_folder_that_is_in_use_is_not_gone_on_with(capsys, in_tmp):
    from zoo.recipes.record import record_start
    from zoo.recipes.run_folder import create_run_folder, release_run_folder

    recipe = short("mlp-double-moon")
    folder = create_run_folder(recipe.name, None)
    record_start(recipe, folder, device="cpu", precision="32-true")
    assert "another training is using" in fails_with_one_line(train.main, ["--resume", folder], capsys)
    release_run_folder(folder)


def test_a_run_falls_back_on_the_checkpoint_before_and_says_so(tmp_path, capsys):
    recipe = short("mlp-double-moon", epochs=2)
    run(recipe, tmp_path / "run")
    (tmp_path / "run/metrics.json").unlink()
    newest = sorted((tmp_path / "run/checkpoints").glob("*.ckpt"))[-1]
    content = bytearray(newest.read_bytes())
    content[-1] ^= 1
    newest.write_bytes(content)
    (tmp_path / "run/checkpoints/step-000000200.ckpt.partial").touch()
    train.main(["--resume", str(tmp_path / "run")])
    out = capsys.readouterr().out
    assert "its sha256 is not the recorded one" in out
    assert "going on from the one before it, step-000000090.ckpt" in out
    assert (tmp_path / "run/metrics.json").is_file()
    assert not list(tmp_path.rglob("*.partial"))
    names = {path.name for path in (tmp_path / "run/checkpoints").iterdir()}
    assert {f"step-{newest.stem[5:]}.damaged", "step-000000090.ckpt", newest.name} <= names, "two whole ones, beside what is damaged"


def test_a_run_of_an_older_version_is_refused(tmp_path, capsys):
    recipe = short("mlp-double-moon")
    run(recipe, tmp_path / "run")
    (tmp_path / "run/metrics.json").unlink()
    for checkpoint in (tmp_path / "run/checkpoints").iterdir():
        checkpoint.rename(tmp_path / "run/checkpoints/last.ckpt")
    assert "an older version of the zoo began this run" in fails_with_one_line(train.main, ["--resume", tmp_path / "run"], capsys)
