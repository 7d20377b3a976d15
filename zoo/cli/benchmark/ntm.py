"""A training step of a neural Turing machine against one with single equations and loops over samples."""

from dataclasses import dataclass
from typing import Any

from zoo.cli.benchmark.options import TimingOptions


@dataclass(frozen=True)
class Options(TimingOptions):
    """Time a training step on the copy task, contenders taking turns."""

    length: int = 10
    """Vectors to copy."""
    batch_size: tuple[int, ...] = (1, 32)
    """Sequences a step; one comparison each."""
    threads: tuple[int, ...] = (1, 2)
    """Threads of PyTorch; one comparison each."""


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.ntm import benchmark_ntm

    return benchmark_ntm(length=options.length, batch_size=options.batch_size, threads=options.threads, repeats=options.repeats)
