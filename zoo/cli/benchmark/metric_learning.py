"""Center loss against a loop over samples and a LeNets++ step; all pairs at once against a loop over pairs."""

from dataclasses import dataclass
from typing import Any

from zoo.cli.benchmark.options import TimingOptions


@dataclass(frozen=True)
class Options(TimingOptions):
    """Time center loss and the generalized similarity measure, contenders taking turns."""

    batch_size: int = 1024
    """Samples whose center loss is computed at once and in a loop."""
    step_batch_size: int = 128
    """Pictures of a LeNets++ training step."""
    things: int = 10_000
    """Things of either domain whose pairs are all measured."""
    threads: int = 1
    """Threads of PyTorch."""
    repeats: int = 7


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.metric_learning import benchmark_metric_learning

    return benchmark_metric_learning(
        batch_size=options.batch_size,
        step_batch_size=options.step_batch_size,
        things=options.things,
        threads=options.threads,
        repeats=options.repeats,
    )
