import contextlib
import gzip
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.idx_files import idx_bytes
from zoo.data.idx import read_idx
from zoo.errors import ZooError

ARRAY = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize("compress", [False, True])
def test_reads_what_was_written(tmp_path, compress):
    path = tmp_path / ("a.gz" if compress else "a")
    path.write_bytes(gzip.compress(idx_bytes(ARRAY), mtime=0) if compress else idx_bytes(ARRAY))
    assert torch.equal(read_idx(path, dimensions=3), torch.from_numpy(ARRAY))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("empty", b"", "not an IDX file"),
        ("text", b"hello world", "not an IDX file"),
        ("wrong_dimensions", idx_bytes(ARRAY[0]), "not an IDX file of 3-dimensional"),
        ("short_header", idx_bytes(ARRAY)[:9], "header ends after 9 of 16 bytes"),
        ("truncated", idx_bytes(ARRAY)[:-1], "39 bytes, but its header says 40"),
        ("too_long", idx_bytes(ARRAY) + b"x", "goes on after byte 40, where its header says"),
        ("truncated.gz", gzip.compress(idx_bytes(ARRAY), mtime=0)[:-12], "truncated or altered"),
        ("no_gzip.gz", idx_bytes(ARRAY), "truncated or altered"),
        ("enormous", bytes((0, 0, 8, 3)) + b"\xff" * 12, "header at byte 4 says"),
    ],
)
def test_damage_is_named_in_one_line(tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=complaint) as error:
        read_idx(path, dimensions=3)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_one_altered_byte_in_a_gzip_file_is_found(tmp_path):
    content = bytearray(gzip.compress(idx_bytes(np.zeros((50, 28, 28), np.uint8) + 7), mtime=0))
    content[-6] ^= 1  # in the checksum
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="truncated or altered"):
        read_idx(path, dimensions=3)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        read_idx(tmp_path / "nothing", dimensions=3)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=64))
def test_no_bytes_whatever_raise_anything_but_a_clear_error(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any"
        path.write_bytes(content)
        with contextlib.suppress(ZooError):
            assert read_idx(path, dimensions=1).dim() == 1
