"""Files that are damaged, hostile or no such files at all: one error of the zoo's own, no code run, no memory taken."""

import hashlib
import json
import shutil
import struct
from pathlib import Path

import pytest
import torch

from tests.cli.helpers import fails_with_one_line
from tests.faults import processes
from tests.faults.counts import times
from tests.faults.mutation import SPARE, tally
from tests.recipes.helpers import run, short
from zoo.cli import train
from zoo.errors import ZooError
from zoo.recipes.checkpoint_file import read_checkpoint, write_checkpoint
from zoo.recipes.checkpoints import generations
from zoo.registry import load_trained
from zoo.weights_file import load_weights


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "lenet"
    run(short("lenet5-digits"), folder)
    return folder


def _mutate_checkpoints(args):
    """In a process of its own, whose memory is measured."""
    checkpoint, run_folder, count, result = Path(args[0]), Path(args[1]), int(args[2]), Path(args[3])
    weights = run_folder / "model.safetensors"
    expected, right = read_checkpoint(checkpoint)["state_dict"], load_trained(str(run_folder)).model.state_dict()

    def read(path):
        state, wanted = (
            (read_checkpoint(path)["state_dict"], expected)
            if path == checkpoint
            else (load_trained(str(run_folder)).model.state_dict(), right)
        )
        assert all(torch.equal(value, state[name]) for name, value in wanted.items()), "wrong weights were loaded"

    originals = [(checkpoint.read_bytes(), checkpoint), (weights.read_bytes(), weights)]
    found = tally(read, originals, Path.write_bytes, count)
    result.write_text(json.dumps(found | {"size": max(len(content) for content, _ in originals)}))


@times(300, 10_000)
def test_a_mutated_checkpoint_is_refused_or_loads_identical_weights(count, trained, tmp_path, report):
    copy = tmp_path / "run"
    shutil.copytree(trained, copy)
    args = [generations(copy)[0], copy, count, tmp_path / "result.json"]
    assert processes.finish(processes.start(_mutate_checkpoints, args, folder=tmp_path)) == 0, (tmp_path / "out.stderr").read_text()
    found = json.loads((tmp_path / "result.json").read_text())
    assert found["same"] + found["refused"] == count
    assert found["memory"] <= 2 * found["size"] + SPARE
    assert found["seconds"] <= 1
    assert all("\n" not in complaint for complaint in found["complaints"])
    report.add(
        "checkpoints (half .ckpt, half .safetensors) with flipped, cut, inserted or overwritten bytes",
        count=count,
        result=f"{found['refused']:,} refused with one line, {found['same']} loaded identical weights, none wrong ones; "
        f"memory grew by {found['memory'] / 2**20:.0f} MiB at most, {1000 * found['seconds']:.0f} ms at most each",
    )


def _forge(args):
    """Mutate what the hash protects, and make the hash right again, as a forger would."""
    checkpoint, run_folder, count, result = Path(args[0]), Path(args[1]), int(args[2]), Path(args[3])
    weights, config = run_folder / "model.safetensors", json.loads((run_folder / "config.json").read_text())
    content = checkpoint.read_bytes()
    start = content.index(b"\n") + 1

    def write(path, data):
        digest = hashlib.sha256(data)
        if path == checkpoint:
            path.write_bytes(content[:start] + digest.digest() + data)
        else:
            path.write_bytes(data)
            (run_folder / "config.json").write_text(json.dumps(config | {"sha256": digest.hexdigest()}))

    def read(path):
        read_checkpoint(path) if path == checkpoint else load_trained(str(run_folder))

    originals = [(content[start + 32 :], checkpoint), (weights.read_bytes(), weights)]
    result.write_text(json.dumps(tally(read, originals, write, count) | {"size": max(len(content), weights.stat().st_size)}))


@times(300, 10_000)
def test_a_forged_checkpoint_takes_neither_memory_nor_time(count, trained, tmp_path, report):
    """The hash tells damage, not malice: what passes it must still be harmless."""
    copy = tmp_path / "run"
    shutil.copytree(trained, copy)
    args = [generations(copy)[0], copy, count, tmp_path / "result.json"]
    assert processes.finish(processes.start(_forge, args, folder=tmp_path)) == 0, (tmp_path / "out.stderr").read_text()
    found = json.loads((tmp_path / "result.json").read_text())
    assert found["memory"] <= 2 * found["size"] + SPARE
    assert found["seconds"] <= 1
    assert all("\n" not in complaint for complaint in found["complaints"])
    report.add(
        "checkpoints (half .ckpt, half .safetensors) with altered bytes and a sha256 that fits them",
        count=count,
        result=f"{found['refused']:,} refused with one line; the others hold other numbers and nothing else; memory grew by "
        f"{found['memory'] / 2**20:.0f} MiB at most, {1000 * found['seconds']:.0f} ms at most each",
    )


@pytest.mark.parametrize("path", ["s3://bucket/run", "https://example.org/run", "memory://run"])
def test_a_remote_path_is_a_folder_that_is_not_there(path, capsys):
    assert "cannot be read" in fails_with_one_line(train.main, ["--resume", path], capsys)


def test_checkpoints_hold_what_was_put_in(tmp_path):
    held = {"a": (1, [2.5, None, True]), 3: {"x": torch.arange(4, dtype=torch.uint8), "y": torch.tensor(float("inf"))}, "z": float("-inf")}
    write_checkpoint(tmp_path / "a.ckpt", held)
    again = read_checkpoint(tmp_path / "a.ckpt")
    assert torch.equal(again[3].pop("x"), held[3].pop("x"))
    assert repr(again) == repr(held)
    with pytest.raises(TypeError, match="plain values and tensors"):
        write_checkpoint(tmp_path / "a.ckpt", {"a": object()})


def test_a_header_that_claims_too_much_is_refused(tmp_path):
    content = struct.pack("<Q", 1 << 40) + b"{}"
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ZooError, match="header at byte 0 claims"):
        load_weights(tmp_path / "model.safetensors", sha256=hashlib.sha256(content).hexdigest())
