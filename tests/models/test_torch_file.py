import io
import os
import pickle
import zipfile
from collections import OrderedDict

import pytest
import torch

from tests.cli.helpers import fails_with_one_line
from tests.faults.mutation import SPARE, Peak
from zoo.cli import finetune
from zoo.errors import ZooError
from zoo.models.torch_file import read_torch_file


class _Call:
    """Pickles as a call."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


def _zipped(content, *, packing=zipfile.ZIP_STORED, protocol=2):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", packing) as zipped:
        zipped.writestr("archive/data.pkl", pickle.dumps(content, protocol=protocol))
        zipped.writestr("archive/version", "3\n")
    return archive.getvalue()


def _old(content):
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


_HUNGRY = {"a": _Call(bytearray, 1 << 31)}


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool])
def test_tensors_of_every_type_come_back(kind, tmp_path):
    state = OrderedDict(a=torch.arange(4).to(kind), b=torch.nn.Parameter(torch.ones(2, 2)))
    torch.save(state, tmp_path / "a.pth")
    found = read_torch_file(tmp_path / "a.pth")
    assert torch.equal(found["a"], state["a"])
    assert torch.equal(found["b"], state["b"])


@pytest.mark.parametrize(
    "content",
    [
        _zipped(_HUNGRY),
        _zipped(_HUNGRY, protocol=4),
        _zipped(_HUNGRY, protocol=0),
        _zipped(_HUNGRY, packing=zipfile.ZIP_DEFLATED),
        _zipped({"a": "x" * (1 << 28)}, packing=zipfile.ZIP_DEFLATED),
        _zipped({"a": "x" * (2 << 20)}),
        _zipped({"a": _Call(os.system, "true")}),
        _old(_HUNGRY),
        pickle.dumps(_HUNGRY, protocol=2) + _zipped({"a": torch.ones(1).tolist()}),  # a zip is known by its end
    ],
)
def test_a_hostile_file_takes_no_memory(content, tmp_path, capsys):
    (tmp_path / "a.pth").write_bytes(content)
    peak = Peak()
    with pytest.raises(ZooError, match="not a file of weights that can be read"):
        read_torch_file(tmp_path / "a.pth")
    assert peak.grown() <= 2 * len(content) + SPARE
    flags = ["torchvision/shufflenet_v2_x0_5", "--weights", tmp_path / "a.pth", "--data.root", tmp_path]
    assert "a.pth" in fails_with_one_line(finetune.main, flags, capsys)
    assert peak.grown() <= 2 * len(content) + 4 * SPARE  # torchvision is imported


def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "a.pth")
    with pytest.raises(ZooError, match="no regular file"):
        read_torch_file(tmp_path / "a.pth")


@pytest.mark.parametrize("inside", [lambda tensor: tensor, lambda tensor: {"a": tensor}, lambda tensor: [OrderedDict(a=(tensor,))]])
def test_a_tensor_of_more_numbers_than_are_stored_is_refused(inside, tmp_path):
    """Its copy would take 4 GiB."""
    torch.save(inside(torch.ones(1).expand(1 << 30)), tmp_path / "a.pth")
    with pytest.raises(ZooError, match="has fewer numbers than that"):
        read_torch_file(tmp_path / "a.pth")


def test_lists_that_share_lists_do_not_take_for_ever(tmp_path):
    shared = [1.0]
    for _ in range(60):
        shared = [shared, shared]
    torch.save({"a": shared}, tmp_path / "a.pth")
    assert read_torch_file(tmp_path / "a.pth")["a"][0] is not None
