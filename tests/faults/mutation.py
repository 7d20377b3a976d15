"""Files with altered bytes, and what becomes of who reads them."""

import random
import resource
import struct
import sys
import time
from pathlib import Path

from zoo.errors import ZooError

SPARE = 64 << 20  # bytes that reading may take beside twice the file's size


def mutated(content: bytes, draw: random.Random) -> bytes:
    """Flip, cut, repeat, swap or overwrite something."""
    data = bytearray(content)
    place = draw.randrange(len(data)) if draw.random() < 0.7 else draw.randrange(min(200, len(data)))  # headers are where it hurts
    kind = draw.randrange(6)
    if kind == 0:
        data[place] ^= 1 << draw.randrange(8)
    elif kind == 1:
        del data[place:]
    elif kind == 2:
        data[place:place] = draw.randbytes(draw.randrange(1, 64))
    elif kind == 3:
        data[place : place + 8] = struct.pack(draw.choice("<>") + "Q", draw.choice([0, 2**31, 2**40, 2**63 - 1, 2**64 - 1]))
    elif kind == 4:
        del data[place : place + draw.randrange(1, 64)]
    else:
        data[place : place + 16] = draw.randbytes(16)
    return bytes(data)


class Peak:
    """How much memory this process took at most since it was made, beyond what it had then."""

    def __init__(self) -> None:
        if sys.platform == "linux":
            Path("/proc/self/clear_refs").write_text("5")  # forget the maximum so far
        self._before = _most()

    def grown(self) -> int:
        """Bytes."""
        return _most() - self._before


def _most() -> int:
    if sys.platform == "linux":
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return int(status["VmHWM"].split()[0]) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def tally(read, originals, write, count: int) -> dict:
    """Read mutated files; what came of them, the longest time and the most that memory grew by."""
    draw, found = random.Random(3), {"same": 0, "refused": 0, "seconds": 0.0, "complaints": []}
    for content, path in originals:
        write(path, content)
        read(path)
    peak = Peak()
    for number in range(count):
        content, path = originals[number % len(originals)]
        write(path, mutated(content, draw))
        start = time.perf_counter()
        try:
            read(path)
            found["same"] += 1
        except ZooError as error:
            found["refused"] += 1
            found["complaints"].append(str(error))
        found["seconds"] = max(found["seconds"], time.perf_counter() - start)
    return found | {"memory": peak.grown()}
