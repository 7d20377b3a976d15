"""Completion by self-expression against nuclear norm: low and high rank, few points, random beginnings."""

from dataclasses import dataclass, field
from typing import Any

from zoo.cli.benchmark.options import BenchmarkOptions
from zoo.data.completion_options import SubspaceOptions


@dataclass(frozen=True)
class Options(BenchmarkOptions):
    """Complete random unions of subspaces."""

    data: SubspaceOptions = field(default_factory=SubspaceOptions)
    points: tuple[int, ...] = (25, 15, 10, 8)
    """Fewer points a subspace than data.points."""
    seeds: int = 5
    """Unions of each sort; figures are medians."""
    beginnings: int = 10
    """Random fillings of the gaps to begin with."""
    steps: int = 100
    """Steps of each completion."""


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.self_expression import measure_claims

    return measure_claims(options.data, points=options.points, seeds=options.seeds, beginnings=options.beginnings, steps=options.steps)
