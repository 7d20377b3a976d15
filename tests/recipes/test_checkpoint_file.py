"""Checkpoints that are whole and hold something else than a run saves."""

import hashlib
import json
import shutil
import struct

import pytest

from tests.cli.helpers import fails_with_one_line
from tests.recipes.helpers import run, short
from zoo.cli import train
from zoo.errors import ZooError
from zoo.recipes.checkpoint_file import read_checkpoint, write_checkpoint
from zoo.recipes.checkpoints import generations
from zoo.weights_file import load_weights


def _tensors(*shape):
    head = json.dumps({"0": {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]}}).encode()
    return struct.pack("<Q", len(head)) + head


def _forged(path, tree, content):
    tree = json.dumps(tree).encode()
    body = struct.pack("<Q", len(tree)) + tree + content
    path.write_bytes(b"zoo checkpoint 1\n" + hashlib.sha256(body).digest() + body)
    return path


@pytest.mark.parametrize("tree", [["tensor"], ["tensor", "9"], ["tensor", {}], [], [[]], ["dict", 1], ["dict", [["dict"], 1]], 5])
def test_a_tree_that_nobody_wrote_is_no_checkpoint(tree, tmp_path):
    with pytest.raises(ZooError, match="not a checkpoint of the zoo"):
        read_checkpoint(_forged(tmp_path / "a.ckpt", tree, _tensors(0)))


@pytest.mark.parametrize("shape", [(0, 2**62, 4), (0, 2**64 - 1)])
def test_a_shape_that_torch_does_not_take_is_refused(shape, tmp_path):
    with pytest.raises(ZooError, match="not a checkpoint of the zoo"):
        read_checkpoint(_forged(tmp_path / "a.ckpt", ["dict"], _tensors(*shape)))
    (tmp_path / "a.safetensors").write_bytes(_tensors(*shape))
    with pytest.raises(ZooError, match="not a safetensors file") as error:
        load_weights(tmp_path / "a.safetensors", sha256=hashlib.sha256(_tensors(*shape)).hexdigest())
    assert "\n" not in str(error.value)


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """A run whose last step is saved and whose figures are missing."""
    folder = tmp_path_factory.mktemp("runs") / "moon"
    run(short("mlp-double-moon"), folder)
    (folder / "metrics.json").unlink()
    for older in generations(folder)[1:]:
        older.unlink()
    return folder


def _resume_with(interrupted, folder, change, capsys):
    shutil.copytree(interrupted, folder)
    (path,) = generations(folder)
    checkpoint = read_checkpoint(path)
    change(checkpoint)
    write_checkpoint(path, checkpoint)
    complaint = fails_with_one_line(train.main, ["--resume", folder], capsys)
    assert str(path) in complaint
    return complaint


_PARTS = ["recipe", "state_dict", "loops", "callbacks", "optimizer_states", "lr_schedulers", "epoch"]


@pytest.mark.parametrize("part", [*_PARTS, "pytorch-lightning_version"])
@pytest.mark.parametrize("value", [None, 0.5])
def test_a_checkpoint_with_another_value_for_a_part_is_refused(part, value, interrupted, tmp_path, capsys):
    complaint = _resume_with(interrupted, tmp_path / "run", lambda checkpoint: checkpoint.update({part: value}), capsys)
    assert f"{part} is missing, or of another type" in complaint


@pytest.mark.parametrize("value", [None, 0.5, 3])
def test_a_checkpoint_of_another_step_than_its_name_says_is_refused(value, interrupted, tmp_path, capsys):
    complaint = _resume_with(interrupted, tmp_path / "run", lambda checkpoint: checkpoint.update(global_step=value), capsys)
    assert "was saved after another step than its name says" in complaint


@pytest.mark.parametrize("part", ["state_dict", "optimizer_states", "callbacks"])
def test_a_checkpoint_whose_parts_hold_something_else_is_refused(part, interrupted, tmp_path, capsys):
    def spoil(checkpoint):
        held = checkpoint[part]
        for key in [*held] if isinstance(held, dict) else [0]:
            held[key] = {"x": 1}

    assert "does not fit this run" in _resume_with(interrupted, tmp_path / "run", spoil, capsys)
