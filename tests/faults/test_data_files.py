"""Data files that are damaged or hostile: one line each, no memory taken."""

import gzip
import json
import lzma
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

import zoo
from tests.data.idx_files import idx_bytes
from tests.faults import processes
from tests.faults.counts import times
from tests.faults.mutation import SPARE, Peak, tally
from tests.models.toolbox_file import network
from zoo.data.idx import read_idx
from zoo.data.jsonl import read_jsonl_xz
from zoo.data.npz import read_npz
from zoo.data.pictures import read_picture
from zoo.data.usps import load_usps
from zoo.errors import ZooError
from zoo.models.deep_learn_toolbox_mat import read_cnn


def _pictures(folder: Path):
    """Pictures and IDX files."""
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 30, 3), np.uint8))
    for suffix in ("png", "jpg", "bmp", "gif", "tif", "webp", "ppm"):
        picture.save(folder / f"a.{suffix}")
    picture.convert("CMYK").save(folder / "cmyk.jpg")
    Image.fromarray(np.arange(1200, dtype=np.uint16).reshape(40, 30)).save(folder / "deep.png")
    (folder / "a.idx").write_bytes(idx_bytes(np.zeros((20, 28, 28))))
    (folder / "a.gz").write_bytes(gzip.compress(idx_bytes(np.zeros((20, 28, 28)))))


def _tables(folder: Path):
    """Everything else, packed and not."""
    lines = "".join(json.dumps({"text": "int main()\n{\n}" * number, "id": number}) + "\n" for number in range(50))
    (folder / "a.xz").write_bytes(lzma.compress(lines.encode()))
    (folder / "loose.xz").write_bytes(lzma.compress(lines.encode(), check=lzma.CHECK_NONE))
    arrays = {"wave": np.arange(500, dtype=np.int16), "name": np.array(["ada", "bob"]), "table": np.eye(5)}
    np.savez(folder / "a.npz", **arrays)
    np.savez_compressed(folder / "packed.npz", **arrays)
    model = zoo.get_model("deep_learn_toolbox_cnn", side=12, maps=(2,), kernels=(3,), scales=(5,), num_classes=2)
    savemat(folder / "a.mat", {"cnn": network(model)})
    savemat(folder / "packed.mat", {"cnn": network(model)}, do_compression=True)
    digits = "".join(f"{number % 10} " + "-1.000 0.250 " * 128 + "\n" for number in range(20))
    for path in (folder / "a.usps", folder.parent / "zip.test.gz"):
        path.write_bytes(gzip.compress(digits.encode()))


def _read_usps(path: Path):
    """As the training file beside a test file that is whole."""
    shutil.copy(path, path.parent.parent / "zip.train.gz")
    return load_usps(path.parent.parent)


READERS = {
    ".idx": lambda path: read_idx(path, dimensions=3),
    ".gz": lambda path: read_idx(path, dimensions=3),
    ".xz": lambda path: list(read_jsonl_xz(path)),
    ".npz": lambda path: read_npz(path, ["wave", "name", "table"]),
    ".mat": read_cnn,
    ".usps": _read_usps,
}
KINDS = {
    "IDX, gzip, PNG, JPEG (CMYK as well), BMP, GIF, TIFF, WebP and PPM": _pictures,
    "jsonl.xz, npz, mat (packed and not) and USPS": _tables,
}


def _mutate(args):
    """In a process of its own, whose memory is measured."""
    folder, kind, count, result = Path(args[0]), args[1], int(args[2]), Path(args[3])
    folder.mkdir()
    KINDS[kind](folder)
    originals = [(path.read_bytes(), path) for path in sorted(folder.iterdir())]
    result.write_text(json.dumps(tally(lambda path: READERS.get(path.suffix, read_picture)(path), originals, Path.write_bytes, count)))


@times(400, 5000)
@pytest.mark.parametrize("kind", KINDS)
def test_a_malformed_data_file_gives_one_clear_line(kind, count, tmp_path, report):
    args = [tmp_path / "data", kind, count, tmp_path / "result.json"]
    assert processes.finish(processes.start(_mutate, args, folder=tmp_path)) == 0, (tmp_path / "out.stderr").read_text()
    found = json.loads((tmp_path / "result.json").read_text())
    assert (tmp_path / "out.stderr").read_text() == ""
    assert found["same"] + found["refused"] == count
    assert all("\n" not in complaint and str(tmp_path) in complaint for complaint in found["complaints"])
    assert found["memory"] <= SPARE
    assert found["seconds"] < 5
    located = sum("byte" in complaint for complaint in found["complaints"])
    assert located > 0.5 * found["refused"]
    report.add(
        f"{kind} files with altered bytes",
        count=count,
        result=f"{found['refused']:,} refused with one line that names the file, {located:,} of them with the byte, the others are told by "
        f"libraries that do not say where; {found['same']:,} still whole by their format's own rules; "
        f"{1000 * found['seconds']:.0f} ms at most each, memory grew by {found['memory'] / 2**20:.0f} MiB at most",
    )


def test_a_gzip_bomb_is_not_unpacked(tmp_path):
    bomb = gzip.compress(idx_bytes(np.zeros((1, 28, 28))) + bytes(200 << 20), compresslevel=1)
    (tmp_path / "images.gz").write_bytes(bomb)
    peak = Peak()
    with pytest.raises(ZooError, match="goes on after byte 800"):
        read_idx(tmp_path / "images.gz", dimensions=3)
    assert peak.grown() < SPARE
