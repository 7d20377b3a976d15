"""Machines that answer a sequence with a sequence of bits: trained on endless data, tested on sizes that they never saw."""

from collections.abc import Mapping
from dataclasses import asdict

import torch
from pytorch_lightning.callbacks import LearningRateMonitor

from zoo.data.about import ABOUT
from zoo.data.algorithmic import TASKS
from zoo.data.algorithmic_batches import AlgorithmicData
from zoo.data.algorithmic_options import AlgorithmicOptions
from zoo.errors import ZooError
from zoo.metrics.transduction import evaluate_transduction, join
from zoo.recipes.kinds.contract import CURVE, Job, Report
from zoo.recipes.ntm import TransductionEvaluateOptions, TransductionRecipe
from zoo.recipes.release import Provenance
from zoo.recipes.transduction_report import (
    MEASURES,
    check_length,
    check_longest,
    draw,
    figures_of_size,
    lines,
    measure,
    notes,
    recorded_options,
    shown_size,
)
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.sequence_transduction import SequenceTransduction


class TransductionKind:
    """How such machines are trained, measured and shown."""

    measures = MEASURES
    chosen_by = "val/bits"

    def prepare(self, recipe: TransductionRecipe) -> Job:
        """Build the model for the task's numbers of inputs and outputs."""
        data, task = AlgorithmicData(recipe.data, seed=recipe.seed), TASKS[recipe.data.kind]
        options = asdict(recipe.model) | {"inputs": task.inputs, "outputs": task.outputs}
        _check(recipe)
        model = get_model(recipe.model.arch, **options)
        check_longest(model, recipe.data)
        learner = SequenceTransduction(model, recipe.task)
        about = ABOUT[recipe.data.kind]
        easy = recipe.data.easy_epochs + recipe.data.grow_epochs
        when = f" from epoch {easy} on" if easy else ""
        provenance = Provenance(
            kind=recipe.kind,
            arch=recipe.model.arch,
            options=options,
            recipe=recipe.name,
            loss="cross-entropy of bits",
            labels=[],
            data={"title": about.title, "licence": about.licence, **asdict(recipe.data)},
        )
        return Job(
            learner,
            data,
            provenance,
            about=f"{recipe.data.kind}: endless, {_sizes(recipe.data)}{when}, {recipe.data.batch_size * recipe.data.steps:,} an epoch",
            finish=lambda: _finish(learner, data),
            callbacks=[LearningRateMonitor()],
            monitor="val/bits",
        )

    def evaluate(self, trained: Trained, options: TransductionEvaluateOptions) -> Report:
        """Measure the fixed test sets, or ``--count`` sequences of one ``--length``."""
        model, data = trained.model, recorded_options(trained.meta)
        if options.length is None:
            figures = measure(model, data)
            text, size = lines(figures), shown_size(model, data)
        else:
            check_length(model, data, size := options.length)
            count = options.count or TASKS[data.kind].tests
            figures = figures_of_size(model, data, size=size, count=count)
            text = [f"{count} sequences of size {size}{', each ten vectors' if data.kind == 'repeat-copy' else ''}", *lines(figures)]
            figures |= {"length": float(size), "count": float(count)}
        return Report(figures, text, draw(model, data, size=size) if options.pictures else {})

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """Inputs, outputs and sizes."""
        task = TASKS[meta.data["kind"]]
        return {
            "input": f"sequences of {task.inputs} numbers a step, as `zoo.data.algorithmic` draws them; {_sizes(recorded_options(meta))}",
            "output": f"{task.outputs} logits a step",
            "loss": meta.loss,
            "test": f"{task.tests:,} fixed sequences of every size",
        }

    def usage(self, meta: ModelMeta) -> str:
        """A call of the model."""
        task = TASKS[meta.data["kind"]].make.__name__
        return (
            f"x, target, asked = zoo.data.algorithmic.{task}(1, {meta.data['longest']}, torch.Generator().manual_seed(0))\n"
            "bit = model(x)[:, asked] > 0  # like target[:, asked], the answer"
        )

    def notes(self, meta: ModelMeta) -> str:
        """Aims, and what became of every seed."""
        return notes(meta)


KIND = TransductionKind()


def _sizes(data: AlgorithmicOptions) -> str:
    """The sizes that training shows."""
    task = TASKS[data.kind]
    sizes = task.sizes(data.longest)
    if len(sizes) > 1:
        return f"sizes {sizes[0]} to {sizes[-1]}"
    return f"size{'s up to' if task.make_exact else ''} {sizes[0]}"


def _check(recipe: TransductionRecipe) -> None:
    if recipe.trainer.devices > 1:
        raise ZooError(f"--trainer.devices {recipe.trainer.devices}: these sequences are drawn on one device; set it to 1")
    if recipe.trainer.compile:
        raise ZooError("--trainer.compile: every length of sequence would be a program of its own, for minutes each; leave it out")


def _finish(task: SequenceTransduction, module: AlgorithmicData) -> Report:
    model, data = task.model.cpu(), module.options
    train = {
        "train/sequences": float(task.sequences),
        "train/solved_at": float(-1 if task.solved_at is None else task.solved_at),
        "train/relapse": -1.0 if task.solved_at is None else task.relapse,
    }
    curve = {f"{CURVE}{count}": bits for count, bits, _ in task.curve}
    validation = join(evaluate_transduction(model, module.fixed(torch.device("cpu")))).figures("val")
    figures = train | curve | validation | measure(model, data)
    return Report(figures, lines(figures), draw(model, data, size=shown_size(model, data)))
