"""A training epoch against a bare PyTorch loop and against DataLoader + PIL."""

from dataclasses import dataclass
from typing import Any

from zoo.cli.benchmark.options import TimingOptions
from zoo.errors import check_range


@dataclass(frozen=True)
class Options(TimingOptions):
    """Time a training epoch, contenders taking turns."""

    pictures: int = 12_800
    """Pictures an epoch."""
    batch_size: int = 256
    """Pictures a step."""
    repeats: int = 7

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("--pictures", self.pictures, least=1)
        check_range("--batch-size", self.batch_size, least=1)


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.lenet import benchmark_epoch

    return benchmark_epoch(pictures=options.pictures, batch_size=options.batch_size, repeats=options.repeats)
