"""Class activation maps against a forward pass and the grad-cam package."""

from dataclasses import dataclass
from typing import Any

from zoo.cli.benchmark.options import TimingOptions


@dataclass(frozen=True)
class Options(TimingOptions):
    """Time scores and maps of ResNet-18, contenders taking turns."""

    pictures: int = 16
    """Pictures at a time."""
    side: int = 224
    """Side of the pictures, pixels."""
    threads: int = 1
    """Threads of every contender."""
    repeats: int = 20


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.cam import benchmark_cam

    return benchmark_cam(pictures=options.pictures, side=options.side, threads=options.threads, repeats=options.repeats)
