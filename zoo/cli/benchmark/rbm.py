"""An epoch of contrastive divergence against scikit-learn, a plain loop, and the five matrix products alone."""

from dataclasses import dataclass
from typing import Any, Literal

from zoo.cli.benchmark.options import TimingOptions


@dataclass(frozen=True)
class Options(TimingOptions):
    """Time an epoch of CD-1, contenders taking turns."""

    pictures: int = 5_000
    """Pictures of 784 pixels an epoch."""
    batch_size: int = 100
    """Pictures a step."""
    hidden: int = 500
    """Hidden units."""
    threads: tuple[int, ...] = (1, 2)
    """Threads of every contender; one comparison each. On a GPU they do not matter, and the first is taken."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where the contenders run; scikit-learn takes part on the CPU alone."""
    repeats: int = 20


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.rbm import benchmark_rbm

    return benchmark_rbm(
        pictures=options.pictures,
        batch_size=options.batch_size,
        hidden=options.hidden,
        threads=options.threads,
        repeats=options.repeats,
        device=options.device,
    )
