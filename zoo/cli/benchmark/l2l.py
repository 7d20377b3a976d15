"""A learned optimiser's step against Adam's, and its training against a plain loop over problems."""

from dataclasses import dataclass
from typing import Any

from zoo.cli.benchmark.options import TimingOptions


@dataclass(frozen=True)
class Options(TimingOptions):
    """Time steps of optimisers and of their training, contenders taking turns."""

    parameters: int = 100_000
    """Numbers to optimise, about."""
    problems: int = 128
    """Problems at once in a step of training."""
    unroll: int = 20
    """Steps on each of them."""
    threads: tuple[int, ...] = (1, 2)
    """Threads of every contender; one comparison each."""


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.l2l import benchmark_l2l

    return benchmark_l2l(
        parameters=options.parameters,
        problems=options.problems,
        unroll=options.unroll,
        threads=options.threads,
        repeats=options.repeats,
    )
