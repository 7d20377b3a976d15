"""Small data files for tests."""

import gzip
import struct
from pathlib import Path

import numpy as np
from PIL import Image


def idx_bytes(array: np.ndarray) -> bytes:
    """An array of bytes in the format of MNIST."""
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()


def write_mnist(folder: Path, *, train: int = 60, test: int = 20, compress: bool = False, side: int = 28, top_label: int = 9) -> Path:
    """A tiny set with the names and the format of MNIST: class d is a bar in row 2d."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, count in (("train", train), ("t10k", test)):
        label = np.arange(count) % (top_label + 1)
        image = np.zeros((count, side, side), np.uint8)
        for position, digit in enumerate(label):
            image[position, 2 * digit + 3, 4 : side - 4] = 255
        for kind, array in (("images-idx3", image), ("labels-idx1", label)):
            content = idx_bytes(array)
            path = folder / f"{name}-{kind}-ubyte{'.gz' if compress else ''}"
            path.write_bytes(gzip.compress(content, mtime=0) if compress else content)
    return folder


def write_pictures(root: Path, *, classes: tuple[str, ...] = ("bars", "dots"), count: int = 10) -> Path:
    """A folder of pictures a class; the first class has a bar, the second a dot, dark on light."""
    for number, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for position in range(count):
            grey = np.full((40, 30), 255, np.uint8)
            grey[10 + position % 3 : 30, 14:17] = 0 if number == 0 else 255
            grey[18 : 22 + position % 3, 12:18] = 0
            Image.fromarray(grey).save(root / name / f"{position}.png")
    return root
