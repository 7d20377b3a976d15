"""What the guards cost: a LeNet-5 epoch with the look at every step's numbers and with saves, and without."""

from dataclasses import dataclass
from typing import Any

from zoo.cli.benchmark.lenet5 import Options as EpochOptions


@dataclass(frozen=True)
class Options(EpochOptions):
    """Time a training epoch with and without the guards, which take turns."""


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.lenet import benchmark_guards

    return benchmark_guards(pictures=options.pictures, batch_size=options.batch_size, repeats=options.repeats)
