"""Opening files that may be a stranger's: no pipe that hangs, no device without end, no more bytes than asked for."""

import os
import stat
from io import BufferedReader
from pathlib import Path

from zoo.errors import ZooError


def open_bounded(path: Path, largest: int) -> tuple[BufferedReader, int]:
    """Open a regular file; also gives its size in bytes, beyond which nothing should be read.

    Raises:
        ZooError: It is something else, or larger than ``largest`` bytes.
        OSError: The system refused.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe that nobody writes to would hang
    status = os.fstat(descriptor)  # of what was opened: the name may mean another file by now
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise ZooError(f"{path}: no regular file; name one")
    if status.st_size > largest:
        os.close(descriptor)
        raise ZooError(f"{path}: larger than {largest >> 10:,} KiB, the most that is read of such a file")
    return os.fdopen(descriptor, "rb"), status.st_size


def read_bounded(path: Path, largest: int) -> bytes:
    """All bytes of a regular file.

    Raises:
        ZooError: It is something else, or larger than ``largest`` bytes.
        OSError: The system refused.
    """
    file, size = open_bounded(path, largest)
    with file:
        return file.read(size)
