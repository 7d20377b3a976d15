"""Memory that a training step frees is kept for the next one."""

import ctypes
import sys

# Parameters of glibc's mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_NEVER = 2**31 - 1
_LARGEST_KEPT = 1 << 30


def keep_freed_memory() -> None:
    """Tell glibc not to return large freed blocks to the kernel; nothing happens elsewhere.

    A step allocates and frees the same activations over and over. By default each of them is mapped anew and
    costs a page fault every 4 KiB.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_TRIM_THRESHOLD, _NEVER)
