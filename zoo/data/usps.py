"""USPS: 7,291 training and 2,007 test pictures of handwritten zip code digits, 16 x 16."""

import io
from pathlib import Path

import numpy as np
import torch

from zoo.data.gz import open_gz
from zoo.data.location import search_roots
from zoo.data.sets import Labelled, Splits
from zoo.errors import ZooError

_FILES = ("zip.train.gz", "zip.test.gz")
_SIDE = 16
_MOST_BYTES = 64 << 20  # of text; the larger file has 17 MB


def load_usps(root: Path | None = None) -> Splits:
    """Read the two files as they are distributed: a line a digit, its label and 256 values in [-1, 1].

    Args:
        root: Folder that holds them, itself or in ``usps/``; None for ``$ZOO_DATA``, then the cache.

    Returns:
        Values in [-1, 1]; 1 is ink.

    Raises:
        ZooError: A file is missing, truncated or no such table.

    References:
        LeCun et al., "Handwritten digit recognition with a back-propagation network", 1990.
    """
    folder = _find(root)
    train, test = (_read(folder / name) for name in _FILES)
    return Splits(train, test, [str(digit) for digit in range(10)])


def _find(root: Path | None) -> Path:
    candidates = [base / inner for base in search_roots(root) for inner in ("", "usps")]
    for folder in candidates:
        if all((folder / name).is_file() for name in _FILES):
            return folder
    looked = ", ".join(str(folder) for folder in candidates)
    raise ZooError(f"USPS is not in {looked}; give the folder of {' and '.join(_FILES)} with --data.root or ZOO_DATA")


def _read(path: Path) -> Labelled:
    with open_gz(path, largest=_MOST_BYTES) as file:
        text = file.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise ZooError(f"{path}: more than {_MOST_BYTES >> 20} MiB of text; this is no such file")
    try:
        table = torch.from_numpy(np.loadtxt(io.BytesIO(text), dtype=np.float32, ndmin=2))
    except ValueError as error:
        raise ZooError(f"{path}: is damaged ({str(error).splitlines()[0]}); fetch the file again") from error
    if table.shape[1:] != (1 + _SIDE**2,):
        raise ZooError(f"{path}: lines of {table.shape[-1]} numbers, USPS has {1 + _SIDE**2}; fetch the file again")
    label, image = table[:, 0], table[:, 1:]
    if not (image.abs() <= 1).all() or not torch.isin(label, torch.arange(10.0)).all():
        raise ZooError(f"{path}: a value is outside [-1, 1] or a label no digit; fetch the file again")
    return Labelled(image.view(-1, 1, _SIDE, _SIDE), label.long())
