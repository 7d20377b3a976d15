import io
import zipfile

import numpy as np
import pytest
from numpy.lib import format as npy

from zoo.data.npz import read_npz
from zoo.errors import ZooError

ARRAYS = {
    "wave": np.arange(24, dtype=np.int16).reshape(2, 3, 4),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "name": np.array(["ada", "b\u00f6b"]),
    "empty": np.zeros((0, 3)),
    "scalar": np.array(3),
    "big": np.arange(3, dtype=">i4"),
}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back_as_numpy_reads_them(save, tmp_path):
    save(tmp_path / "a.npz", **ARRAYS)
    found = read_npz(tmp_path / "a.npz", list(ARRAYS))
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
        assert found[name].flags.writeable
    assert list(read_npz(tmp_path / "a.npz", ["name"])) == ["name"]


def _header(shape, dtype="<f8", version=(1, 0)):
    file = io.BytesIO()
    if version == (1, 0):
        npy.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    else:
        file.write(b"\x93NUMPY" + bytes(version))
    return file.getvalue()


CLAIMS = {
    "more than there is": (_header((10**13,)) + bytes(80), r"claims 80,000,000,000,000 bytes from byte 128, it has 80"),
    "less than there is": (_header((1,)) + bytes(80), "claims 8 bytes"),
    "a negative size": (_header((-2, -5)) + bytes(80), "damaged"),
    "objects": (_header((1,), "|O") + bytes(8), "neither numbers nor strings"),
    "records": (_header((1,), [("a", "<f8")]) + bytes(8), "neither numbers nor strings"),
    "a later version": (_header((), version=(3, 0)), "version 3.0"),
    "no array": (b"hello", "magic"),
    "characters beyond the last": (_header((1,), "<U1") + b"\xff" * 4, "no character"),
    "a header without end": (b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + bytes(20_000), "damaged"),
    "a size that is none": (_header((True,)) + bytes(8), r"claims the shape \(True,\)"),
    "a number without end": (b"\x93NUMPY\x01\x00\x28\x23" + b"-" * 8999 + b"1", "header is damaged"),
    "brackets without end": (b"\x93NUMPY\x01\x00\x28\x23" + b"(" * 9000, "header is damaged"),
    "code in the header": (b"\x93NUMPY\x01\x00\x20\x00" + b"__import__('os').getcwd()".ljust(32), "damaged"),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_an_array_that_is_not_what_its_header_says_is_refused(claim, tmp_path):
    content, complaint = CLAIMS[claim]
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", content)
    with pytest.raises(ZooError, match=complaint) as caught:
        read_npz(tmp_path / "a.npz", ["x"])
    assert str(caught.value).startswith(f"{tmp_path}/a.npz: no .npz file, or one damaged before byte ")
    assert "\n" not in str(caught.value)


def test_a_bomb_is_not_unpacked(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(1 << 20))
    with pytest.raises(ZooError, match=r"x.npy holds 8,388,736 bytes, at most 1,000 are read"):
        read_npz(tmp_path / "a.npz", ["x"], largest=1000)


def test_other_ways_of_packing_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.npy", _header((1,)) + bytes(8))
    with pytest.raises(ZooError, match="packed in a way"):
        read_npz(tmp_path / "a.npz", ["x"])


def test_what_is_missing_is_named(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros(1))
    with pytest.raises(ZooError, match=r"no item named 'y.npy'"):
        read_npz(tmp_path / "a.npz", ["y"])
    with pytest.raises(ZooError, match="cannot be read"):
        read_npz(tmp_path / "b.npz", ["x"])


def test_a_file_that_was_cut_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros(100))
    content = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(ZooError, match="not a zip file"):
        read_npz(tmp_path / "a.npz", ["x"])
