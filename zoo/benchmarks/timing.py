"""How all benchmarks measure: contenders take turns, so that a busy machine is unfair to all alike."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from tqdm import tqdm

from zoo.errors import ZooError, check_range


def check_counts(**numbers: int | tuple[int, ...]) -> None:
    """Refuse a benchmark's options that are sizes or numbers of times.

    Raises:
        ZooError: One is below one.
    """
    for name, values in numbers.items():
        for value in values if isinstance(values, tuple) else (values,):
            check_range(f"--{name.replace('_', '-')}", value, least=1)


def check_device(device: str) -> None:
    """Refuse ``cuda`` where there is none.

    Raises:
        ZooError: There is no such device.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ZooError("--device cuda: there is no such device on this machine")


@contextmanager
def on_threads(count: int) -> Iterator[None]:
    """Within, PyTorch computes on so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True)
class Timing:
    """Seconds of each repeat of one contender."""

    seconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def figures(self) -> dict[str, float]:
        """Median, fastest and slowest, in seconds."""
        return {"median": self.median, "min": min(self.seconds), "max": max(self.seconds)}


def interleave(contenders: Mapping[str, Callable[[], float]], *, repeats: int, rest: float = 0.0) -> dict[str, Timing]:
    """Let every contender run once a round, each round begun by the next one, after a round that is not counted.

    Args:
        contenders: Each does its work once and returns the seconds that count.
        repeats: Number of rounds.
        rest: Seconds to sleep before each turn, where contenders are of different libraries: a library's threads wait for more work in a
            busy loop for a while (OpenBLAS's for a tenth of a second), at the cost of whoever comes next.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for round_ in tqdm(range(repeats + 1), desc="rounds", leave=False):
        first = round_ % len(names)  # each begins as often as the others; whom it follows hardly changes, which ``rest`` is for
        for name in names[first:] + names[:first]:
            time.sleep(rest)
            spent = contenders[name]()
            if round_:
                seconds[name].append(spent)
    return {name: Timing(values) for name, values in seconds.items()}


def median_ratio(over: Timing, under: Timing) -> float:
    """Median of the round-by-round ratios, which a slow spell of the machine hardly moves."""
    return statistics.median(a / b for a, b in zip(over.seconds, under.seconds, strict=True))
