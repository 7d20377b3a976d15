"""Reader of .mat files, versions 5 to 7: numbers, text, cells and structs.

SciPy's own reader is quicker written down, but a damaged file makes its compiled code read memory that is not its own.
Here every size that the file claims is compared with the bytes that are there before it is believed.

References:
    MathWorks, "MAT-File Format", chapter 1, "Level 5 MAT-Files".
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from zoo.bounded_read import read_bounded
from zoo.errors import ZooError

_LARGEST = 64 << 20  # bytes of a file, and of a variable unpacked
_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15  # types of elements; those of data:
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXTS = {2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_CELL, _STRUCT, _CHARACTERS, _NUMERIC = 1, 2, 4, range(6, 16)  # classes of matrices
_COMPLEX = 0x800
_DEEPEST = 16


def read_mat(path: Path, variable: str) -> Any:
    """A variable of a .mat file: a struct as a dict, a cell as the list of its values, text as a string, numbers as a float64 array.

    Raises:
        ZooError: The file cannot be read, is damaged, of another version or too large, or has no such variable.
    """
    names = []
    try:
        content = read_bounded(path, _LARGEST)
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror}); name a .mat file") from error
    try:
        for matrix in _variables(content):
            names.append(matrix.name)
            if matrix.name == variable:
                return matrix.value()
    except (ValueError, struct.error, zlib.error) as error:
        raise ZooError(f"{path}: no .mat file of version 5 to 7, or a damaged one ({error}); save it again with -v7") from error
    raise ZooError(f"{path}: holds no variable {variable!r}; it has {', '.join(names) or 'none'}")


class _Element(NamedTuple):
    """A typed run of bytes, and where the next one begins."""

    kind: int
    start: int
    end: int
    next: int


@dataclass(frozen=True)
class _Matrix:
    """Anything that has a shape: its head has been read, its contents lie from ``place`` to ``end``."""

    data: bytes
    order: str
    group: int
    shape: tuple[int, ...]
    name: str
    place: int
    end: int
    depth: int

    def value(self) -> Any:
        if self.group in _NUMERIC:
            return self._numbers()
        if self.group == _CHARACTERS:
            element = _element(self.data, self.place, self.end, self.order)
            text = self.data[element.start : element.end]
            order = {"<": "-le", ">": "-be"}[self.order] if element.kind in (4, 17, 18) else ""
            return text.decode(_TEXTS.get(element.kind, "ascii") + order)
        if self.group == _CELL:
            return list(self._inner(self.place, math.prod(self.shape)))
        return self._fields()

    def _numbers(self) -> np.ndarray:
        element = _element(self.data, self.place, self.end, self.order)
        if element.kind not in _NUMBERS:
            raise ValueError(f"the element at byte {self.place} is of type {element.kind}, no numbers")
        values = np.frombuffer(self.data[element.start : element.end], self.order + _NUMBERS[element.kind])
        return values.astype(np.float64).reshape(self.shape, order="F")

    def _fields(self) -> dict[str, Any]:
        if math.prod(self.shape) != 1:
            raise ValueError(f"the struct at byte {self.place} is an array of them")
        element = _element(self.data, self.place, self.end, self.order)
        (width,) = struct.unpack(f"{self.order}i", self.data[element.start : element.end])
        element = _element(self.data, element.next, self.end, self.order)
        if width < 1:
            raise ValueError(f"the struct at byte {self.place} has field names of {width} bytes")
        names = [_text(self.data[at : at + width]) for at in range(element.start, element.end, width)]
        return dict(zip(names, self._inner(element.next, len(names)), strict=True))

    def _inner(self, place: int, count: int) -> Iterator[Any]:
        for _ in range(count):
            element = _element(self.data, place, self.end, self.order)
            yield _matrix(self.data, element, self.order, depth=self.depth + 1).value()
            place = element.next


def _variables(content: bytes) -> Iterator[_Matrix]:
    order = {b"IM": "<", b"MI": ">"}.get(content[126:_HEADER])
    if order is None or struct.unpack_from(f"{order}H", content, 124)[0] != 0x0100:
        raise ValueError("the header at byte 124 is not that of version 5")
    at = _HEADER
    while at < len(content):
        element = _element(content, at, len(content), order)
        if element.kind == _COMPRESSED:
            plain = _unpacked(content[element.start : element.end], at)
            yield _matrix(plain, _element(plain, 0, len(plain), order), order)
            at = element.end  # the only element that is not filled up
        else:
            yield _matrix(content, element, order)
            at = element.next


def _unpacked(packed: bytes, at: int) -> bytes:
    unpacker = zlib.decompressobj()
    plain = unpacker.decompress(packed, _LARGEST)
    if not unpacker.eof:
        raise ValueError(f"the variable at byte {at} is cut off, or unpacks to more than {_LARGEST >> 20} MiB")
    return plain


def _element(data: bytes, at: int, end: int, order: str) -> _Element:
    """The element at ``at``, which must lie before ``end``."""
    if at + 8 > end:
        raise ValueError(f"the element at byte {at} is cut off")
    kind, size = struct.unpack_from(f"{order}2I", data, at)
    small = kind >> 16  # four bytes at most stand beside their tag
    start = at + 4 if small else at + 8
    kind, size = (kind & 0xFFFF, small) if small else (kind, size)
    if start + size > (at + 8 if small else end):
        raise ValueError(f"the element at byte {at} claims {size:,} bytes, there are {end - start:,}")
    return _Element(kind, start, start + size, at + 8 if small else start + -(-size // 8) * 8)


def _matrix(data: bytes, element: _Element, order: str, *, depth: int = 0) -> _Matrix:
    """The head of a matrix: class, shape, name."""
    _, start, end, _ = element
    if element.kind != _MATRIX or depth > _DEEPEST:
        raise ValueError(f"the element at byte {start} is of type {element.kind}, or too deep within others")
    if start == end:
        return _Matrix(data, order, _CELL, (0,), "", start, end, depth)  # how an empty one is written
    flag, size = (part := _element(data, start, end, order)), _element(data, part.next, end, order)
    flags = struct.unpack_from(f"{order}I", data, flag.start)[0]
    shape = struct.unpack_from(f"{order}{(size.end - size.start) // 4}i", data, size.start)
    name = _element(data, size.next, end, order)
    group = flags & 0xFF
    if group not in (_CELL, _STRUCT, _CHARACTERS, *_NUMERIC) or flags & _COMPLEX:
        raise ValueError(f"the matrix at byte {start} is neither real numbers, text, a cell nor a struct")
    if min(shape, default=-1) < 0 or math.prod(shape) > end - start:
        raise ValueError(f"the matrix at byte {start} claims {'x'.join(map(str, shape))} elements in {end - start:,} bytes")
    return _Matrix(data, order, group, shape, _text(data[name.start : name.end]), name.next, end, depth)


def _text(name: bytes) -> str:
    return name.split(b"\0")[0].decode("ascii")
