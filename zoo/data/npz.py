"""Reader of .npz files, NumPy's zip of arrays: what the headers claim is checked before anything is allocated."""

import math
import sys
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from zoo.bounded_read import open_bounded
from zoo.errors import ZooError

_LARGEST_HEADER = 10_000  # bytes of an array's
_LARGEST_FILE = 1 << 30  # bytes; arrays that are not asked for count


def read_npz(path: Path, names: Sequence[str], *, largest: int = 256 << 20) -> dict[str, np.ndarray]:
    """Read some arrays of numbers or strings; pickled objects are refused.

    Args:
        path: The file.
        names: Which arrays; others are not looked at.
        largest: Bytes that each of them may hold unpacked.

    Raises:
        ZooError: The file is missing, no .npz or damaged, an array is missing, holds objects or too much, or its header
            claims another size than there is.
    """
    try:
        file, _ = open_bounded(path, _LARGEST_FILE)
        with file:
            try:
                with zipfile.ZipFile(file) as archive:
                    return {name: _read(archive, name, largest) for name in names}
            except (ValueError, KeyError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
                reason = " ".join(str(error.args[0] if error.args else type(error).__name__).split())
                raise ZooError(
                    f"{path}: no .npz file, or one damaged before byte {file.tell()} ({reason}); fetch the file again"
                ) from error
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror or error})") from error


def _read(archive: zipfile.ZipFile, name: str, largest: int) -> np.ndarray:
    member = archive.getinfo(f"{name}.npy")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # the others take memory as the file pleases
        raise ValueError(f"{member.filename} is packed in a way that NumPy does not use")
    if member.file_size > largest + _LARGEST_HEADER:
        raise ValueError(f"{member.filename} holds {member.file_size:,} bytes, at most {largest:,} are read")
    with archive.open(member) as file:
        shape, fortran, dtype = _header(file)
        size, start = math.prod(shape) * dtype.itemsize, file.tell()
        if dtype.hasobject or dtype.kind not in "biufcU":
            raise ValueError(f"{member.filename} holds {dtype}, neither numbers nor strings")
        if start + size != member.file_size:
            raise ValueError(f"{member.filename} claims {size:,} bytes from byte {start}, it has {member.file_size - start:,}")
        content = file.read(size)
        if len(content) < size:
            raise ValueError(f"{member.filename} ends at byte {start + len(content)} of {member.file_size}")
    if dtype.kind == "U" and np.frombuffer(content, np.dtype(np.uint32).newbyteorder(dtype.byteorder)).max(initial=0) > sys.maxunicode:
        raise ValueError(f"{member.filename} holds what is no character")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C").copy()


def _header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype]:
    version = npy.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"an array's format is version {'.'.join(map(str, version))}")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    try:
        shape, fortran, dtype = read(file, max_header_size=_LARGEST_HEADER)
    except Exception as error:  # a header is Python's own notation, and NumPy's reader of it raises whatever it runs into
        raise ValueError(f"an array's header is damaged ({type(error).__name__})") from error
    if any(type(side) is not int or side < 0 for side in shape):
        raise ValueError(f"an array claims the shape {shape}")
    return shape, fortran, dtype
