"""Reader of IDX files, the format of MNIST: raw or gzip-compressed."""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from zoo.errors import ZooError

_UNSIGNED_BYTE = 0x08
_LARGEST = 1 << 30  # bytes; the largest set in this format (EMNIST) has 0.64 GB


def read_idx(path: Path, *, dimensions: int) -> UInt8[Tensor, "..."]:
    """Read an IDX file of unsigned bytes.

    Args:
        path: The file; a name that ends in ``.gz`` is decompressed.
        dimensions: Number of dimensions expected: 3 for pictures, 1 for labels.

    Raises:
        ValueError: The file is not IDX, is truncated or longer than its header says, or is larger than 1 GiB.
    """
    content = _content(path)
    if len(content) < 4 or content[:3] != bytes((0, 0, _UNSIGNED_BYTE)) or content[3] != dimensions:
        raise ZooError(f"{path}: not an IDX file of {dimensions}-dimensional bytes (it starts with {content[:4].hex() or 'nothing'})")
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise ZooError(f"{path}: the IDX header ends after {len(content)} of {header} bytes; fetch the file again")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    expected = header + int(np.prod(shape, dtype=object))
    if len(content) != expected:
        raise ZooError(f"{path}: {len(content)} bytes, but its header says {expected} ({'x'.join(map(str, shape))}); fetch the file again")
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=header).reshape(shape).copy())


def _content(path: Path) -> bytes:
    try:
        if path.suffix != ".gz":
            if path.stat().st_size > _LARGEST:
                raise ZooError(f"{path}: larger than {_LARGEST >> 20} MiB; this is no such file")
            return path.read_bytes()
        with gzip.open(path) as file:
            content = file.read(_LARGEST + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ZooError(f"{path}: the gzip file is truncated or altered ({error}); fetch it again") from error
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror})") from error
    if len(content) > _LARGEST:
        raise ZooError(f"{path}: decompresses to more than {_LARGEST >> 20} MiB; this is no such file")
    return content
