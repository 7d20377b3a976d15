"""benchmark.py NAME: measure speed against plain PyTorch, and methods against each other."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from zoo.cli.common import nearest, parse, take_name, write_figures
from zoo.errors import check_range

_USAGE = """usage: benchmark.py NAME [--field value ...]

  lenet5    a training epoch against a bare PyTorch loop and against DataLoader + PIL
  lstm      a sequence forward and back against nn.LSTM, a loop over nn.LSTMCell, and the matrix products alone
  ntm       a training step of a neural Turing machine against one with single equations and loops over samples
  rbm       an epoch of contrastive divergence against scikit-learn, a plain loop, and the five matrix products alone
  metric-learning  center loss against a loop over samples and a LeNets++ step; all pairs at once against a loop over pairs
  few-labels  pre-training against random weights where 10 pictures a class, or a tenth of the recordings, have labels
  startup   --help of every script, imports, a training of one batch, peak memory"""


@dataclass(frozen=True)
class EpochOptions:
    """Time a training epoch, contenders taking turns."""

    pictures: int = 12_800
    """Pictures an epoch."""
    batch_size: int = 256
    """Pictures a step."""
    repeats: int = 7
    """Rounds, after one that is not counted."""
    json: Path | None = None
    """File for the figures."""

    def __post_init__(self) -> None:
        check_range("--repeats", self.repeats, least=1)
        check_range("--pictures", self.pictures, least=1)
        check_range("--batch-size", self.batch_size, least=1)


@dataclass(frozen=True)
class SequenceOptions:
    """Time a sequence forward and back, contenders taking turns."""

    steps: int = 50
    """Steps of the sequence."""
    batch_size: int = 50
    """Sequences side by side."""
    hidden: tuple[int, ...] = (128, 256, 512)
    """Hidden units, as many as inputs; one comparison each."""
    threads: tuple[int, ...] = (1, 2)
    """Threads of PyTorch; one comparison each."""
    repeats: int = 20
    """Rounds, after one that is not counted."""
    json: Path | None = None
    """File for the figures."""


@dataclass(frozen=True)
class MachineOptions:
    """Time a training step on the copy task, contenders taking turns."""

    length: int = 10
    """Vectors to copy."""
    batch_size: tuple[int, ...] = (1, 32)
    """Sequences a step; one comparison each."""
    threads: tuple[int, ...] = (1, 2)
    """Threads of PyTorch; one comparison each."""
    repeats: int = 10
    """Rounds, after one that is not counted."""
    json: Path | None = None
    """File for the figures."""


@dataclass(frozen=True)
class DivergenceOptions:
    """Time an epoch of CD-1, contenders taking turns."""

    pictures: int = 5_000
    """Pictures of 784 pixels an epoch."""
    batch_size: int = 100
    """Pictures a step."""
    hidden: int = 500
    """Hidden units."""
    threads: tuple[int, ...] = (1, 2)
    """Threads of every contender; one comparison each."""
    repeats: int = 20
    """Rounds, after one that is not counted."""
    json: Path | None = None
    """File for the figures."""


@dataclass(frozen=True)
class MetricLearningOptions:
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
    """Rounds, after one that is not counted."""
    json: Path | None = None
    """File for the figures."""


@dataclass(frozen=True)
class FewLabelsOptions:
    """Compare test errors with and without pre-training."""

    kind: Annotated[Literal["mnist", "fsdd"], tyro.conf.arg(name="data", prefix_name=False)] = "mnist"
    """mnist: 10 pictures a class have labels. fsdd: a tenth of the recordings have."""
    root: Annotated[Path | None, tyro.conf.arg(name="data.root")] = None
    """Folder of the data; without it $ZOO_DATA and the cache are searched."""
    draws: int = 5
    """How often the examples with labels are drawn."""
    machine_epochs: int = 10
    """Epochs of pre-training of each machine."""
    seed: int = 0
    """Of everything."""
    json: Path | None = None
    """File for the figures."""


@dataclass(frozen=True)
class StartupOptions:
    """Time how long things take to begin."""

    repeats: int = 5
    """Rounds, after one that is not counted."""
    json: Path | None = None
    """File for the figures."""

    def __post_init__(self) -> None:
        check_range("--repeats", self.repeats, least=1)


def main(args: list[str]) -> None:
    """Run the benchmark that ``args`` name."""
    name, flags = take_name(args, usage=_USAGE)
    benchmarks: dict[str, Callable[[list[str]], tuple[dict[str, Any], Path | None]]] = {
        "lenet5": _lenet5,
        "lstm": _lstm,
        "ntm": _ntm,
        "metric-learning": _metric_learning,
        "rbm": _rbm,
        "few-labels": _few_labels,
        "startup": _startup,
    }
    if name not in benchmarks:
        raise nearest(name, list(benchmarks), what="benchmark")
    figures, path = benchmarks[name](flags)
    _print(figures)
    write_figures(path, figures)


def _lenet5(flags: list[str]) -> tuple[dict[str, Any], Path | None]:
    options = parse(EpochOptions, flags, prog="benchmark.py lenet5")
    from zoo.benchmarks.lenet import benchmark_epoch

    return benchmark_epoch(pictures=options.pictures, batch_size=options.batch_size, repeats=options.repeats), options.json


def _lstm(flags: list[str]) -> tuple[dict[str, Any], Path | None]:
    options = parse(SequenceOptions, flags, prog="benchmark.py lstm")
    from zoo.benchmarks.lstm import benchmark_lstm

    figures = benchmark_lstm(
        steps=options.steps, batch_size=options.batch_size, hidden=options.hidden, threads=options.threads, repeats=options.repeats
    )
    return figures, options.json


def _ntm(flags: list[str]) -> tuple[dict[str, Any], Path | None]:
    options = parse(MachineOptions, flags, prog="benchmark.py ntm")
    from zoo.benchmarks.ntm import benchmark_ntm

    figures = benchmark_ntm(length=options.length, batch_size=options.batch_size, threads=options.threads, repeats=options.repeats)
    return figures, options.json


def _rbm(flags: list[str]) -> tuple[dict[str, Any], Path | None]:
    options = parse(DivergenceOptions, flags, prog="benchmark.py rbm")
    from zoo.benchmarks.rbm import benchmark_rbm

    figures = benchmark_rbm(
        pictures=options.pictures,
        batch_size=options.batch_size,
        hidden=options.hidden,
        threads=options.threads,
        repeats=options.repeats,
    )
    return figures, options.json


def _metric_learning(flags: list[str]) -> tuple[dict[str, Any], Path | None]:
    options = parse(MetricLearningOptions, flags, prog="benchmark.py metric-learning")
    from zoo.benchmarks.metric_learning import benchmark_metric_learning

    figures = benchmark_metric_learning(
        batch_size=options.batch_size,
        step_batch_size=options.step_batch_size,
        things=options.things,
        threads=options.threads,
        repeats=options.repeats,
    )
    return figures, options.json


def _few_labels(flags: list[str]) -> tuple[dict[str, Any], Path | None]:
    options = parse(FewLabelsOptions, flags, prog="benchmark.py few-labels")
    from zoo.benchmarks.few_labels import compare_few_labels

    figures = compare_few_labels(
        options.kind, root=options.root, draws=options.draws, machine_epochs=options.machine_epochs, seed=options.seed
    )
    return figures, options.json


def _startup(flags: list[str]) -> tuple[dict[str, Any], Path | None]:
    options = parse(StartupOptions, flags, prog="benchmark.py startup")
    from zoo.benchmarks.startup import benchmark_startup

    return benchmark_startup(repeats=options.repeats), options.json


def _print(figures: dict[str, Any], indent: str = "") -> None:
    for name, value in figures.items():
        if not isinstance(value, dict):
            print(f"{indent}{name:32} {value:.3f}")
        elif "median" in value:
            rate = f"   {value['pictures a second']:,.0f} pictures a second" if "pictures a second" in value else ""
            print(f"{indent}{name:32} median {value['median']:.3f} s   ({value['min']:.3f} to {value['max']:.3f}){rate}")
        else:
            print(f"{indent}{name}")
            _print(value, indent + "  ")
