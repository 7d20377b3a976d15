"""Reader of JSON lines, packed with xz: one object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoo.data.xz import unpack_xz
from zoo.errors import ZooError

_LONGEST_LINE = 1 << 20  # bytes


def read_jsonl_xz(path: Path, *, largest: int = 256 << 20) -> Iterator[dict[str, Any]]:
    """The objects of a ``.jsonl.xz`` file, one after the other; no more of it is in memory than a line.

    Args:
        path: The file.
        largest: Bytes that it may hold unpacked.

    Raises:
        ZooError: The file is missing, damaged or too large, or a line is no JSON object: with its number and where it starts.
    """
    start = 0
    for number, line in enumerate(_lines(path, largest), 1):
        try:
            found = json.loads(line.decode())
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", error)  # the decoder's own text counts lines of its own
            raise ZooError(f"{path}: line {number}, at byte {start} unpacked, is no JSON ({reason}); fetch the file again") from error
        if not isinstance(found, dict):
            raise ZooError(f"{path}: line {number}, at byte {start} unpacked, is a JSON {type(found).__name__}, no object")
        yield found
        start += len(line) + 1


def _lines(path: Path, largest: int) -> Iterator[bytes]:
    rest = b""
    for piece in unpack_xz(path, largest=largest):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > _LONGEST_LINE:
            raise ZooError(f"{path}: a line is longer than {_LONGEST_LINE >> 10} KiB; this is no such file")
    if rest:
        yield rest
