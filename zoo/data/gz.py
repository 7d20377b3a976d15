"""Reader of gzip files that may be a stranger's."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path

from zoo.bounded_read import open_bounded
from zoo.errors import ZooError


@contextmanager
def open_gz(path: Path, *, largest: int) -> Iterator[BufferedIOBase]:
    """Open a gzip file for reading its unpacked bytes; whoever reads says how many at most.

    Args:
        path: The file.
        largest: Bytes that it may have packed.

    Raises:
        ZooError: It cannot be read, is larger, or what is read within the context is truncated or altered: with the
            byte of the packed file before which that was noticed.
    """
    try:
        packed, _ = open_bounded(path, largest)
        with packed:
            try:
                with gzip.GzipFile(fileobj=packed) as file:
                    yield file
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise ZooError(
                    f"{path}: the gzip file is truncated or altered before byte {packed.tell()} ({error}); fetch it again"
                ) from error
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror})") from error
