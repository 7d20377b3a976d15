"""Machines that answer a sequence with a sequence of bits: trained on endless data, tested on sizes that they never saw."""

from collections.abc import Mapping
from dataclasses import asdict

from matplotlib.figure import Figure
from pytorch_lightning.callbacks import LearningRateMonitor
from torch import nn

from zoo.data.about import ABOUT
from zoo.data.algorithmic import TASKS
from zoo.data.algorithmic_batches import AlgorithmicData, FixedSequences
from zoo.data.algorithmic_options import AlgorithmicOptions
from zoo.errors import ZooError
from zoo.metrics.transduction import evaluate_transduction, join
from zoo.models.ntm import NeuralTuringMachine
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.ntm import TransductionEvaluateOptions, TransductionRecipe
from zoo.recipes.release import Provenance
from zoo.recipes.transduction_pictures import draw_use
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.sequence_transduction import RELAPSE_SPAN, SequenceTransduction

_TEST_COUNT = 200
"""Sequences of each size in the test."""


class TransductionKind:
    """How such machines are trained, measured and shown."""

    measures = (
        Measure("test/wrong_bits", "wrong bits a sequence, sizes as in training", digits=3),
        Measure("test/bits", "bits a sequence, sizes as in training", digits=3),
        Measure("test/error", "sequences with an error, sizes as in training", "%", scale=100),
        *(
            Measure(f"test/wrong_bits_{size}", f"wrong bits a sequence, size {size}", digits=3)
            for size in (8, 10, 12, 15, 20, 30, 50, 80, 120)
        ),
        Measure("test/ended_20", "answers that end where they should, size 20", "%", scale=100),
        Measure("train/solved_at", "sequences until solved (-1: not)", digits=0),
        Measure("train/relapse", "worst validation in the 10,000 sequences after, wrong bits", digits=3),
    )
    chosen_by = "val/wrong_bits"

    def prepare(self, recipe: TransductionRecipe) -> Job:
        """Build the model for the task's numbers of inputs and outputs."""
        data, task = AlgorithmicData(recipe.data, seed=recipe.seed), TASKS[recipe.data.kind]
        options = asdict(recipe.model) | {"inputs": task.inputs, "outputs": task.outputs}
        _check(recipe)
        learner = SequenceTransduction(get_model(recipe.model.arch, **options), recipe.task)
        about = ABOUT[recipe.data.kind]
        provenance = Provenance(
            kind=recipe.kind,
            arch=recipe.model.arch,
            options=options,
            recipe=recipe.name,
            loss="cross-entropy of bits",
            labels=[],
            data={"title": about.title, "licence": about.licence, **asdict(recipe.data)},
        )
        sizes = task.sizes(recipe.data.longest)
        return Job(
            learner,
            data,
            provenance,
            about=f"{recipe.data.kind}: endless, sizes {sizes[0]} to {sizes[-1]}, {recipe.data.batch_size * recipe.data.steps:,} an epoch",
            finish=lambda: _finish(learner, recipe.data),
            callbacks=[LearningRateMonitor()],
        )

    def evaluate(self, trained: Trained, options: TransductionEvaluateOptions) -> Report:
        """Measure the fixed test sets, or ``--count`` sequences of one ``--length``."""
        data = recorded_options(trained.meta)
        if options.length is None:
            figures = _measure(trained.model, data)
            return Report(figures, _lines(figures), _draw(trained.model, data, size=data.longest) if options.pictures else {})
        smallest = TASKS[data.kind].smallest
        if options.length < smallest:
            raise ZooError(f"--length {options.length}: {data.kind} begins at {smallest}")
        sets = FixedSequences(data, (options.length,), count=options.count, test=True)
        score = join(evaluate_transduction(trained.model, sets))
        figures = score.figures("test") | {"test/ended": float(score.ended.double().mean())}
        title = [f"{options.count} sequences of size {options.length}"]
        return Report(figures, title + _lines(figures), _draw(trained.model, data, size=options.length) if options.pictures else {})

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """Inputs, outputs and sizes."""
        task, data = TASKS[meta.data["kind"]], recorded_options(meta)
        sizes = task.sizes(data.longest)
        return {
            "input": f"sequences of {task.inputs} numbers a step, as `zoo.data.algorithmic` draws them; sizes {sizes[0]} to {sizes[-1]}",
            "output": f"{task.outputs} logits a step",
            "loss": meta.loss,
            "test": f"{_TEST_COUNT} fixed sequences of every size",
        }

    def usage(self, meta: ModelMeta) -> str:
        """A call of the model."""
        return "bit = model(x) > 0  # x: B x T x inputs; the answer stands at the steps that zoo.data.algorithmic says are asked"

    def notes(self, meta: ModelMeta) -> str:
        """What became of every seed."""
        solved, relapse = (meta.metrics.get(f"train/{name}") for name in ("solved_at", "relapse"))
        if solved is None or relapse is None:
            return ""
        rows = [
            f"| {seed} | {f'{at:,.0f}' if at >= 0 else 'not'} | {worst:.3f} |"
            for seed, at, worst in zip(meta.metrics["seeds"], solved["values"], relapse["values"], strict=True)
        ]
        head = ["| seed | solved after sequences | worst wrong bits a sequence in the 10,000 after |", "| --- | --- | --- |"]
        text = f"Solved: a validation without a wrong bit, at less than one bit a sequence. Watched for {RELAPSE_SPAN:,} sequences after."
        return "\n".join(["## Seeds", "", text, "", *head, *rows])


KIND = TransductionKind()


def _check(recipe: TransductionRecipe) -> None:
    if recipe.trainer.devices > 1:
        raise ZooError(f"--trainer.devices {recipe.trainer.devices}: these sequences are drawn on one device; set it to 1")


def recorded_options(meta: ModelMeta) -> AlgorithmicOptions:
    """The data that a machine was trained on."""
    fields = AlgorithmicOptions.__dataclass_fields__
    return AlgorithmicOptions(**{name: value for name, value in meta.data.items() if name in fields})


def _finish(task: SequenceTransduction, data: AlgorithmicOptions) -> Report:
    validation = FixedSequences(data, tuple(TASKS[data.kind].sizes(data.longest)), count=100, test=False)
    model = task.model.cpu()
    train = {
        "train/sequences": float(task.sequences),
        "train/solved_at": float(-1 if task.solved_at is None else task.solved_at),
        "train/relapse": task.relapse,
    }
    curve = {f"curve/{count}": bits for count, bits, _ in task.curve}
    figures = train | curve | join(evaluate_transduction(model, validation)).figures("val") | _measure(model, data)
    return Report(figures, _lines(figures), _draw(model, data, size=(*TASKS[data.kind].beyond, data.longest)[0]))


def _measure(model: nn.Module, data: AlgorithmicOptions) -> dict[str, float]:
    """Figures of the fixed test sets, on the CPU."""
    task = TASKS[data.kind]
    within = FixedSequences(data, tuple(task.sizes(data.longest)), count=_TEST_COUNT, test=True)
    figures = join(evaluate_transduction(model, within)).figures("test")
    for size in task.beyond:
        (score,) = evaluate_transduction(model, FixedSequences(data, (size,), count=_TEST_COUNT, test=True))
        figures |= {f"{name}_{size}": value for name, value in score.figures("test").items()}
        figures[f"test/ended_{size}"] = float(score.ended.double().mean())
    return figures


def _lines(figures: Mapping[str, float]) -> list[str]:
    return [f"{name:22} {value:.4f}" for name, value in figures.items() if not name.startswith("curve/")]


def _draw(model: nn.Module, data: AlgorithmicOptions, *, size: int) -> Mapping[str, Figure]:
    (batch,) = FixedSequences(data, (size,), count=1, test=True)
    return draw_use(model, batch) if isinstance(model, NeuralTuringMachine) else {}
