"""Reader of xz files: piece by piece, never more than was asked for."""

import lzma
from collections.abc import Iterator
from pathlib import Path

from zoo.bounded_read import open_bounded
from zoo.errors import ZooError

_PACKED, _UNPACKED = 1 << 16, 1 << 18  # bytes of a piece
_MEMORY = 80 << 20  # bytes that unpacking may take; ``xz -9`` asks for 65 MiB


def unpack_xz(path: Path, *, largest: int) -> Iterator[bytes]:
    """Unpack a file of one xz stream, in pieces of at most 256 KiB.

    Args:
        path: The file.
        largest: Bytes that it may hold unpacked.

    Raises:
        ZooError: The file is missing, no xz, damaged, cut off, followed by something else, or holds more.
    """
    unpacker, read, given = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY), 0, 0
    try:
        with open_bounded(path, largest)[0] as file:
            while not unpacker.eof:
                packed = file.read(_PACKED) if unpacker.needs_input else b""
                if unpacker.needs_input and not packed:
                    raise ZooError(f"{path}: the xz file ends at byte {read}, before its data do; fetch it again")
                read += len(packed)
                piece = unpacker.decompress(packed, max_length=_UNPACKED)
                given += len(piece)
                if given > largest:
                    raise ZooError(f"{path}: unpacks to more than {largest:,} bytes; this is no such file")
                yield piece
            if unpacker.unused_data or file.read(1):
                raise ZooError(f"{path}: goes on after byte {read - len(unpacker.unused_data)}, where its data end; fetch it again")
    except lzma.LZMAError as error:
        raise ZooError(f"{path}: no xz file, or a damaged one, before byte {read} ({error}); fetch it again") from error
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror})") from error
