"""MNIST: 60,000 training and 10,000 test pictures of handwritten digits, 28 x 28."""

from contextlib import suppress
from pathlib import Path
from urllib.error import URLError

from torch import Tensor

from zoo.data.idx import read_idx
from zoo.data.location import CACHE, search_roots
from zoo.data.sets import Labelled, Splits
from zoo.errors import ZooError

_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def load_mnist(root: Path | None = None) -> Splits:
    """Read MNIST from its four IDX files, raw or ``.gz``; download them where there are none and a network is.

    Args:
        root: Folder that holds the files, itself or in ``raw/`` or ``MNIST/raw/``; None for ``$ZOO_DATA``, then the cache.

    Raises:
        ValueError: A file is missing and cannot be had, is damaged, or does not fit the others.
    """
    if root is not None and not root.is_dir():
        raise ZooError(f"{root}: there is no such folder; --data.root names the folder that holds MNIST")
    folder = _find(root) or _download(root)
    train_image, train_label, test_image, test_label = (_read(folder, name) for name in _FILES)
    return Splits(
        train=_labelled(train_image, train_label, folder),
        test=_labelled(test_image, test_label, folder),
        labels=[str(digit) for digit in range(10)],
    )


def _candidates(root: Path | None) -> list[Path]:
    return [base / inner for base in search_roots(root) for inner in ("", "raw", "MNIST/raw")]


def _find(root: Path | None) -> Path | None:
    for folder in _candidates(root):
        if any(_path(folder, name) for name in _FILES):
            return folder
    return None


def _path(folder: Path, name: str) -> Path | None:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    return None


def _read(folder: Path, name: str) -> Tensor:
    path = _path(folder, name)
    if path is None:
        raise ZooError(f"{folder}: {name} (or {name}.gz) is missing beside the other MNIST files; fetch it again")
    return read_idx(path, dimensions=3 if "images" in name else 1)


def _labelled(image: Tensor, label: Tensor, folder: Path) -> Labelled:
    if image.shape[1:] != (28, 28):
        raise ZooError(f"{folder}: pictures of {image.shape[1]}x{image.shape[2]}, MNIST has 28x28")
    if len(label) and int(label.max()) > 9:
        raise ZooError(f"{folder}: label {int(label.max())} is out of range, MNIST has 0 to 9; fetch the file again")
    try:
        return Labelled(image[:, None], label.long())
    except ZooError as error:
        raise ZooError(f"{folder}: {error}") from error


def _download(root: Path | None) -> Path:
    from torchvision.datasets import MNIST  # takes a second to import, and only a first use needs it

    try:
        MNIST(root or CACHE, download=True)  # verifies checksums
    except (RuntimeError, URLError, OSError) as error:
        _remove_empty(Path(root or CACHE) / "MNIST")
        why = str(error).splitlines()[0].rstrip(": ")
        looked = ", ".join(str(folder) for folder in _candidates(root))
        raise ZooError(
            f"MNIST is not in {looked}, and could not be downloaded ({why}); "
            "give its folder with --data.root or ZOO_DATA; recipes that end in -digits, and their models, need none"
        ) from error
    found = _find(root)
    assert found is not None, "torchvision stores MNIST where it is looked for"
    return found


def _remove_empty(folder: Path) -> None:
    """Folders that torchvision made for a download that came to nothing."""
    for each in (folder / "raw", folder):
        with suppress(OSError):  # there are files in it, or it is not ours
            each.rmdir()
