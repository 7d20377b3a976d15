"""Finished runs of a recipe against runs with another value of one option, seed by seed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from zoo.cli.benchmark.options import BenchmarkOptions


@dataclass(frozen=True, kw_only=True)
class Options(BenchmarkOptions):
    """Compare the final figures of runs that differ in one option and are alike in all else."""

    recipe: tyro.conf.Positional[str]
    """Such as center-loss-mnist."""
    vary: tyro.conf.Positional[str]
    """The option, such as task.weight: the recipe's value against every other that there are runs of."""
    runs: Path = Path("runs")
    """Folder of the runs."""


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.variants import compare_variants

    return compare_variants(options.recipe, options.vary, runs=options.runs)
