"""What is measured of a machine that answers with bits, what it should reach, and what its card says of every seed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure
from torch import nn

from zoo.data.algorithmic import TASKS
from zoo.data.algorithmic_batches import FixedSequences
from zoo.data.algorithmic_options import AlgorithmicOptions, TaskName
from zoo.errors import ZooError, check_range
from zoo.metrics.transduction import evaluate_transduction, join
from zoo.models.ntm import NeuralTuringMachine
from zoo.recipes.kinds.contract import Measure, compared
from zoo.recipes.transduction_pictures import draw_use
from zoo.records import ModelMeta
from zoo.tasks.sequence_transduction import RELAPSE_SPAN

MEASURES = (
    Measure("test/wrong_bits", "wrong bits a sequence, sizes as in training", digits=3),
    Measure("test/bits", "bits a sequence, sizes as in training", digits=3),
    Measure("test/error", "sequences with an error, sizes as in training", "%", scale=100),
    *(
        Measure(f"test/{name}_{size}", f"{title} a sequence, size {size}", digits=3)
        for size in sorted({size for task in TASKS.values() for size in task.beyond})
        for name, title in (("wrong_bits", "wrong bits"), ("bits", "bits"))
    ),
    Measure("test/ended_20", "answers that end where they should, size 20", "%", scale=100),
    Measure("train/solved_at", "sequences until solved (-1: not)", digits=0),
    Measure("train/relapse", f"worst validation in the {RELAPSE_SPAN:,} sequences after, wrong bits (-1: not solved)", digits=3),
)
_MEASURES = {measure.metric: measure for measure in MEASURES}


@dataclass(frozen=True)
class Aim:
    """What a figure of a run should be."""

    metric: str
    least: float = -math.inf
    most: float = math.inf

    def reached(self, value: float) -> bool:
        """Whether a run's figure is."""
        return self.least <= value <= self.most

    def text(self) -> str:
        """Such as ``bits a sequence, size 12: at most 0.100``."""
        measure = _MEASURES[self.metric]
        bound = f"at most {measure.text(self.most)}" if self.most < math.inf else f"at least {measure.text(self.least)}"
        return f"{measure.title}: {bound}"


AIMS: Mapping[TaskName, tuple[Aim, ...]] = {
    "copy": (
        Aim("test/wrong_bits", most=0),
        Aim("test/wrong_bits_120", most=0.1),
        Aim("train/solved_at", least=0, most=8_000),
        Aim("train/relapse", most=1),
    ),
    "repeat-copy": (Aim("test/ended_20", least=0.95),),
    "recall": (Aim("test/bits_12", most=0.1),),
    "sort": (Aim("test/bits", most=5),),
}
"""What a machine should reach on each task."""


def recorded_options(meta: ModelMeta) -> AlgorithmicOptions:
    """The data that a machine was trained on."""
    fields = AlgorithmicOptions.__dataclass_fields__
    return AlgorithmicOptions(**{name: value for name, value in meta.data.items() if name in fields})


def measure(model: nn.Module, data: AlgorithmicOptions) -> dict[str, float]:
    """Figures of the fixed test sets, on the CPU."""
    task = TASKS[data.kind]
    within = FixedSequences(data, tuple(task.sizes(data.longest)), count=task.tests, test=True)
    figures = join(evaluate_transduction(model, within)).figures("test")
    for size in task.beyond:
        found = figures_of_size(model, data, size=size, count=task.tests)
        figures |= {f"{name}_{size}": value for name, value in found.items()}
    return figures


def figures_of_size(model: nn.Module, data: AlgorithmicOptions, *, size: int, count: int) -> dict[str, float]:
    """Figures of test sequences of just one size."""
    score = join(evaluate_transduction(model, FixedSequences(data, (size,), count=count, test=True, exact=True)))
    ended = {"test/ended": float(score.ended.double().mean())} if TASKS[data.kind].end_mark else {}
    return score.figures("test") | ended


def check_length(model: nn.Module, data: AlgorithmicOptions, length: int) -> None:
    """Refuse a size that somebody asks for and the model cannot be asked for.

    Raises:
        ZooError: The task has no such size, or the machine too few rows for it.
    """
    task, most = TASKS[data.kind], _most(model, data)
    check_range("--length", length, least=task.smallest, below=task.largest + 1)
    if length > most:
        raise ZooError(
            f"--length {length}: the model's memory has {_rows(model)} rows, {task.rows} for each of so many; take at most {most}"
        )


def check_longest(model: nn.Module, data: AlgorithmicOptions) -> None:
    """Refuse to train on sizes that the task does not go up to, or that the machine has too few rows for.

    Raises:
        ZooError: It does not, or has.
    """
    task = TASKS[data.kind]
    check_range("--data.longest", data.longest, least=task.smallest, below=task.largest + 1)
    if data.longest > _most(model, data):
        rows, each = _rows(model), task.rows
        raise ZooError(f"--data.longest {data.longest}: the memory has {rows} rows, {each} for each of so many; raise --model.rows")


def _most(model: nn.Module, data: AlgorithmicOptions) -> float:
    """The largest size that the model has rows for."""
    each, rows = TASKS[data.kind].rows, _rows(model)
    return rows // each if each and rows else math.inf


def _rows(model: nn.Module) -> int:
    """Rows of its memory; none of what has no memory."""
    return len(model.memory) if isinstance(model, NeuralTuringMachine) else 0


def shown_size(model: nn.Module, data: AlgorithmicOptions) -> int:
    """The largest size of the test that the model has rows for: that of pictures, unless another is asked for."""
    return max(size for size in (data.longest, *TASKS[data.kind].beyond) if size <= _most(model, data))


def draw(model: nn.Module, data: AlgorithmicOptions, *, size: int) -> Mapping[str, Figure]:
    """Pictures of a model at work on one test sequence; of what has no memory, those of its answer alone."""
    (batch,) = FixedSequences(data, (size,), count=1, test=True, exact=True)
    return draw_use(model, batch)


def lines(figures: Mapping[str, float]) -> list[str]:
    """Figures for the terminal."""
    return [f"{name:22} {value:.4f}" for name, value in compared(figures).items()]


def notes(meta: ModelMeta) -> str:
    """What became of every seed, and which aims it reached."""
    return "\n\n".join(filter(None, (_aims(meta), _seeds(meta))))


def _aims(meta: ModelMeta) -> str:
    seeds, mine = meta.metrics["seeds"], meta.metrics["released"]["seed"]
    rows = ["| aim | seeds that reach it | this file |", "| --- | --- | --- |"]
    for aim in AIMS.get(meta.data["kind"], ()):
        reached = [aim.reached(value) for value in _values(meta, aim.metric)]
        if reached:
            this = "reached" if reached[seeds.index(mine)] else "not reached"
            rows.append(f"| {aim.text()} | {sum(reached)} of {len(seeds)} | {this} |")
    return "\n".join(["## Aims", "", *rows]) if len(rows) > 2 else ""


def _seeds(meta: ModelMeta) -> str:
    solved, relapse = (_values(meta, f"train/{name}") for name in ("solved_at", "relapse"))
    if not solved or not relapse:
        return ""
    rows = [
        f"| {seed} | {f'{at:,.0f} | {worst:.3f}' if at >= 0 else 'not | -'} |"
        for seed, at, worst in zip(meta.metrics["seeds"], solved, relapse, strict=True)
    ]
    head = [f"| seed | solved after sequences | worst wrong bits a sequence in the {RELAPSE_SPAN:,} after |", "| --- | --- | --- |"]
    text = (
        "Solved: a validation without a wrong bit, at less than one bit a sequence. "
        f"Watched for {RELAPSE_SPAN:,} sequences after, or until the training ended."
    )
    return "\n".join(["## Seeds", "", text, "", *head, *rows])


def _values(meta: ModelMeta, metric: str) -> list[float]:
    """A figure of every seed, none where it was not recorded; what was never solved has relapsed for ever."""
    values: list[float] = meta.metrics.get(metric, {}).get("values", [])
    if metric != "train/relapse":
        return values
    return [worst if at >= 0 else math.inf for worst, at in zip(values, _values(meta, "train/solved_at"), strict=True)]
