"""Pre-training against random weights, where 10 pictures a class or a tenth of the recordings have labels, or where all have."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from zoo.cli.benchmark.options import BenchmarkOptions


@dataclass(frozen=True)
class Options(BenchmarkOptions):
    """Compare test errors with and without pre-training."""

    kind: Annotated[Literal["mnist", "fsdd"], tyro.conf.arg(name="data", prefix_name=False)] = "mnist"
    """mnist: written digits, the network that of dbn-mnist. fsdd: spoken ones, that of dbn-fsdd."""
    labels: Literal["few", "all"] = "few"
    """few: of mnist 10 pictures a class have labels, of fsdd a tenth of the recordings. all: all have."""
    root: Annotated[Path | None, tyro.conf.arg(name="data.root")] = None
    """Folder of the data; without it $ZOO_DATA and the cache are searched."""
    draws: int = 5
    """How often the examples with labels, weights and order are drawn."""
    machine_epochs: int = 10
    """Epochs of pre-training of each machine."""
    seed: int = 0
    """Of everything."""


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.pretraining import compare_pretraining

    return compare_pretraining(
        *(options.kind, options.labels), root=options.root, draws=options.draws, machine_epochs=options.machine_epochs, seed=options.seed
    )
