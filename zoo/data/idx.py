"""Reader of IDX files, the format of MNIST: raw or gzip-compressed."""

import math
import struct
from io import BufferedIOBase
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from zoo.bounded_read import open_bounded
from zoo.data.gz import open_gz
from zoo.errors import ZooError

_UNSIGNED_BYTE = 0x08
_LARGEST = 1 << 30  # bytes, packed or not; the largest set in this format (EMNIST) has 0.64 GB


def read_idx(path: Path, *, dimensions: int) -> UInt8[Tensor, "..."]:
    """Read an IDX file of unsigned bytes.

    Args:
        path: The file; a name that ends in ``.gz`` is decompressed.
        dimensions: Number of dimensions expected: 3 for pictures, 1 for labels.

    Raises:
        ValueError: The file is not IDX, is truncated or longer than its header says, or is larger than 1 GiB.
    """
    if path.suffix == ".gz":
        with open_gz(path, largest=_LARGEST) as file:
            return _read(file, path, dimensions)
    try:
        with open_bounded(path, _LARGEST)[0] as file:
            return _read(file, path, dimensions)
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror})") from error


def _read(file: BufferedIOBase, path: Path, dimensions: int) -> UInt8[Tensor, "..."]:
    """Read the header, and then no more than it announces."""
    header = 4 + 4 * dimensions
    head = file.read(header)
    if len(head) < 4 or head[:3] != bytes((0, 0, _UNSIGNED_BYTE)) or head[3] != dimensions:
        raise ZooError(f"{path}: not an IDX file of {dimensions}-dimensional bytes (it starts with {head[:4].hex() or 'nothing'})")
    if len(head) < header:
        raise ZooError(f"{path}: the IDX header ends after {len(head)} of {header} bytes; fetch the file again")
    shape = struct.unpack_from(f">{dimensions}I", head, 4)
    size, said = math.prod(shape), "x".join(map(str, shape))
    if size > _LARGEST:
        raise ZooError(f"{path}: the header at byte 4 says {said}, more than {_LARGEST >> 20} MiB; this is no such file")
    content = file.read(size)
    if len(content) < size:
        raise ZooError(f"{path}: {header + len(content)} bytes, but its header says {header + size} ({said}); fetch the file again")
    if file.read(1):
        raise ZooError(f"{path}: goes on after byte {header + size}, where its header says that it ends ({said}); fetch the file again")
    return torch.from_numpy(np.frombuffer(content, np.uint8).reshape(shape).copy())
