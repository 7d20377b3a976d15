import hashlib
import os
from pathlib import Path

import pytest

from zoo.bounded_read import read_bounded
from zoo.errors import ZooError
from zoo.models.mat_file import read_mat
from zoo.recipes.checkpoint_file import read_checkpoint
from zoo.weights_file import load_weights


def test_a_file_of_just_the_largest_size_is_read_and_no_larger_one(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 2048)
    assert read_bounded(tmp_path / "a", 2048) == b"x" * 2048
    with pytest.raises(ZooError, match="larger than 1 KiB"):
        read_bounded(tmp_path / "a", 2047)


def _device(path: Path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [_device, os.mkfifo, Path.mkdir])
@pytest.mark.parametrize(
    "read",
    [
        lambda path: read_bounded(path, 1 << 20),
        read_checkpoint,
        lambda path: load_weights(path, sha256=hashlib.sha256().hexdigest()),
        lambda path: read_mat(path, "x"),
    ],
)
def test_what_never_ends_is_refused_at_once(read, make, tmp_path):
    make(tmp_path / "a")
    with pytest.raises(ZooError, match="no regular file") as error:
        read(tmp_path / "a")
    assert str(tmp_path / "a") in str(error.value)
