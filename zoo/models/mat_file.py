"""Variables of a .mat file, read by SciPy after a look at every size that the file claims."""

import io
import math
import struct
import zlib
from pathlib import Path
from typing import Any

from zoo.errors import ZooError

_LARGEST = 256 << 20  # bytes of a variable, unpacked
_HEADER = 128
_COMPRESSED, _MATRIX = 15, 14  # types of elements
_CELL, _STRUCT, _CHARACTERS = 1, 2, 4  # classes of matrices; 6 to 15 are of numbers
_KNOWN = {_CELL, _STRUCT, _CHARACTERS, *range(6, 16)}
_DEEPEST = 16


def read_mat(path: Path, variable: str) -> Any:
    """A variable of a .mat file of version 5 to 7, as ``scipy.io.loadmat`` gives it.

    Raises:
        ZooError: The file cannot be read, is damaged, of another version or too large, or has no such variable.
    """
    from scipy.io import loadmat, whosmat

    try:
        plain = io.BytesIO(_checked(path.read_bytes()))
        names = [name for name, _, _ in whosmat(plain)]
        if variable in names:
            return loadmat(plain, variable_names=[variable])[variable]
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror or error}); name a .mat file") from error
    except Exception as error:  # SciPy's reader gives whatever the damaged bytes lead it to
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ZooError(f"{path}: no .mat file of version 5 to 7, or a damaged one ({reason}); save it again with -v7") from error
    raise ZooError(f"{path}: holds no variable {variable!r}; it has {', '.join(names) or 'none'}")


def _checked(content: bytes) -> bytes:
    """The file with its variables unpacked, once none of them claims more elements than it has bytes for."""
    order = {b"IM": "<", b"MI": ">"}.get(content[126:_HEADER])
    if order is None or struct.unpack_from(f"{order}H", content, 124)[0] != 0x0100:
        raise ValueError("its header at byte 124 is not that of version 5")
    plain, at = bytearray(content[:_HEADER]), _HEADER
    while at < len(content):
        kind, start, end = _element(content, at, len(content), order)
        if kind == _COMPRESSED:
            plain += _unpacked(content[start:end], at)
        else:
            plain += content[at:end]
        at = end
    at = _HEADER
    while at < len(plain):
        at = _check_matrix(plain, at, len(plain), order, depth=0)
    return bytes(plain)


def _unpacked(packed: bytes, at: int) -> bytes:
    unpacker = zlib.decompressobj()
    plain = unpacker.decompress(packed, _LARGEST)
    if not unpacker.eof:
        raise ValueError(f"the variable at byte {at} is cut off, or unpacks to more than {_LARGEST >> 20} MiB")
    return plain


def _element(data: bytes | bytearray, at: int, end: int, order: str) -> tuple[int, int, int]:
    """Type, first byte and end of the contents of the element at ``at``, which must lie before ``end``."""
    if at + 8 > end:
        raise ValueError(f"the element at byte {at} is cut off")
    kind, size = struct.unpack_from(f"{order}2I", data, at)
    if kind >> 16:  # four bytes or fewer, beside their tag
        kind, size, start = kind & 0xFFFF, kind >> 16, at + 4
    else:
        start = at + 8
    if start + size > end or (start == at + 4 and size > 4):
        raise ValueError(f"the element at byte {at} claims {size:,} bytes, there are {end - start:,}")
    return kind, start, start + size


def _check_matrix(data: bytearray, at: int, end: int, order: str, *, depth: int) -> int:
    """Look at a matrix and all within it; returns where it ends."""
    kind, start, end = _element(data, at, end, order)
    if kind != _MATRIX or depth > _DEEPEST:
        raise ValueError(f"the element at byte {at} is no matrix, or too deep within others")
    if start == end:
        return end  # an empty one
    _, flags, after = _element(data, start, end, order)
    group = struct.unpack_from(f"{order}I", data, flags)[0] & 0xFF
    _, first, last = _element(data, _padded(after, start), end, order)
    shape = struct.unpack_from(f"{order}{(last - first) // 4}i", data, first)
    if group not in _KNOWN or min(shape, default=-1) < 0 or math.prod(shape) > end - start:
        raise ValueError(f"the matrix at byte {at} claims {'x'.join(map(str, shape))} elements of class {group}")
    place = _padded(last, start)
    place = _padded(_element(data, place, end, order)[2], start)  # its name
    fields = 1
    if group == _STRUCT:
        _, first, last = _element(data, place, end, order)
        (longest,) = struct.unpack_from(f"{order}i", data, first)
        _, first, last = _element(data, _padded(last, start), end, order)
        place, fields = _padded(last, start), (last - first) // max(longest, 1)
    if group in (_CELL, _STRUCT):
        for _ in range(math.prod(shape) * fields):
            place = _padded(_check_matrix(data, place, end, order, depth=depth + 1), start)
    return end


def _padded(at: int, start: int) -> int:
    """The next place where an element may begin: they are aligned to eight bytes."""
    return start + -(-(at - start) // 8) * 8
