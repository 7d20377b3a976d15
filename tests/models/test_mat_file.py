import struct

import numpy as np
import pytest
from scipy.io import savemat

from tests.models.toolbox_file import cell
from zoo.errors import ZooError
from zoo.models.mat_file import read_mat


def _saved(path, value, **options):
    savemat(path, {"other": np.eye(2), "x": value}, **options)
    return path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["f8", "f4", "u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "?"])
def test_numbers_of_every_type_come_back(kind, packed, tmp_path):
    array = np.arange(24).astype(kind).reshape(2, 3, 4)
    found = read_mat(_saved(tmp_path / "a.mat", array, do_compression=packed), "x")
    assert found.dtype == np.float64
    assert np.array_equal(found, array)


@pytest.mark.parametrize("packed", [False, True])
def test_structs_cells_and_text_come_back(packed, tmp_path):
    value = {"type": "c", "long": "k\u00f6nig", "inner": {"size": 3.0}, "cell": cell([1.0, "two", cell([])]), "none": np.zeros((0, 0))}
    found = read_mat(_saved(tmp_path / "a.mat", value, do_compression=packed), "x")
    assert (found["type"], found["long"], found["inner"]["size"].item()) == ("c", "k\u00f6nig", 3)
    assert [found["cell"][0].item(), found["cell"][1], found["cell"][2]] == [1, "two", []]
    assert found["none"].size == 0


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (np.ones(3) * 1j, "neither real numbers"),
        (np.zeros(3, [("a", "O")]), "an array of them"),
    ],
)
def test_what_no_network_holds_is_refused(value, complaint, tmp_path):
    with pytest.raises(ZooError, match=complaint):
        read_mat(_saved(tmp_path / "a.mat", value), "x")


def test_a_shape_that_claims_more_than_the_file_holds_is_refused(tmp_path):
    path = _saved(tmp_path / "a.mat", cell([1.0, 2.0, 3.0]))
    content = path.read_bytes()
    place = content.rindex(struct.pack("<4I", 5, 8, 1, 3))  # the cell's
    path.write_bytes(content[: place + 8] + struct.pack("<2I", 1, 10**9) + content[place + 16 :])
    with pytest.raises(ZooError, match="claims 1x1000000000 elements in"):
        read_mat(path, "x")


def test_a_bomb_is_not_unpacked(tmp_path):
    path = _saved(tmp_path / "a.mat", np.zeros(10 << 20), do_compression=True)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ZooError, match="unpacks to more than 64 MiB"):
        read_mat(path, "x")
