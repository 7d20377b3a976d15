"""Work that threads do ahead of the one who needs it. PyTorch's operators let go of Python's lock, so threads are enough."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(work: Callable[[Item], Result], items: Iterable[Item], *, workers: int) -> Iterator[Result]:
    """``map(work, items)``, of which ``workers`` threads compute the next results while the last one is used.

    Args:
        work: A function of its item alone: threads may call it in any order.
        items: What to work on; at most ``workers + 1`` are taken before their results are asked for.
        workers: Number of threads; 0 works when asked.
    """
    if not workers:
        yield from map(work, items)
        return
    left = iter(items)
    pool = ThreadPoolExecutor(workers)
    try:
        waiting: deque[Future[Result]] = deque(pool.submit(work, item) for item in islice(left, workers + 1))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(work, item) for item in islice(left, 1))
            yield result
    finally:
        pool.shutdown(cancel_futures=True)
