"""Every script's --help, imports, a training of one batch, peak memory."""

from dataclasses import dataclass
from typing import Any

from zoo.cli.benchmark.options import TimingOptions


@dataclass(frozen=True)
class Options(TimingOptions):
    """Time how long things take to begin."""

    repeats: int = 5


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.startup import benchmark_startup

    return benchmark_startup(repeats=options.repeats)
