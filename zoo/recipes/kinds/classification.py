"""Classifiers: pictures or points to classes, by one loss and one optimiser."""

from collections.abc import Mapping
from dataclasses import asdict

import torch
from pytorch_lightning.callbacks import Callback, LearningRateMonitor
from torch import nn

from zoo.data.module import InMemoryData, build_data, evaluation_batches
from zoo.errors import ZooError
from zoo.functions.losses import LOSSES
from zoo.metrics.classification import evaluate
from zoo.recipes.classification_report import draw_pictures, print_lines
from zoo.recipes.evaluation import evaluation_data
from zoo.recipes.finetune import FinetuneRecipe
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.options import ClassifierRecipe, EvaluateOptions
from zoo.recipes.release import Provenance, data_record
from zoo.recipes.starting_weights import Learner, load_start
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.board import ClassificationBoard
from zoo.tasks.classification import Classification
from zoo.tasks.stopping import stopping_callbacks


class ClassificationKind:
    """How classifiers are trained, measured and shown."""

    measures = (Measure("test/error", "test error", "%", scale=100), Measure("test/loss", "test loss", digits=4))
    chosen_by = "val/error"

    def prepare(self, recipe: ClassifierRecipe) -> Job:
        """Read the data, build the model or load what is to be fine-tuned, and try one sample."""
        _check_options(recipe)
        if isinstance(recipe, FinetuneRecipe):
            learner = load_start(recipe)
        else:
            data = build_data(recipe.data, seed=recipe.seed)
            options = asdict(recipe.model) | {"num_classes": len(data.prepared.labels)}
            learner = Learner(data, get_model(recipe.model.arch, **options), recipe.model.arch, options)
        _check_fit(learner.model, learner.data, loss=recipe.task.loss)
        return classification_job(recipe, learner)

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Score released weights on their test split."""
        meta, test = trained.meta, evaluation_data(trained, root=options.root)
        if meta.loss not in LOSSES:
            raise ZooError(f"{meta.folder}: {meta.loss!r} is no loss; there are {', '.join(LOSSES)}")
        report = evaluate(trained.model, evaluation_batches(test), LOSSES[meta.loss])
        if report.score.shape[1] != len(meta.labels):
            raise ZooError(f"{meta.folder}: config.json names {len(meta.labels)} classes, the model tells {report.score.shape[1]} apart")
        pictures = draw_pictures(report, trained.model, test, meta.labels) if options.pictures else {}
        return Report(report.metrics("test"), print_lines(report, meta.labels, loss=meta.loss), pictures)

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """What goes in, what comes out, and by which loss."""
        return {"input": _input_text(meta), "classes": ", ".join(meta.labels), "loss": meta.loss}

    def usage(self, meta: ModelMeta) -> str:
        """A call of the model."""
        if meta.transform is None:
            return "score = model(zoo.data.double_moon.standardized(point))  # point: B x 2"
        return "score = model(model.transform(image))  # image: uint8, B x 1 x h x w, light on dark"

    def notes(self, meta: ModelMeta) -> str:
        """Nothing more."""
        return ""


KIND = ClassificationKind()


def classification_job(recipe: ClassifierRecipe, learner: Learner) -> Job:
    """What the training of a classifier needs, once data and model are there."""
    data = learner.data
    task = Classification(learner.model, recipe.task, labels=data.prepared.labels)
    callbacks: list[Callback] = [LearningRateMonitor(), *stopping_callbacks(recipe.task.stopping)]
    return Job(
        task,
        data,
        _provenance(recipe, learner),
        about=sizes(recipe.data.kind, data),
        finish=lambda: _finish(task, data),
        transform=data.transform,
        callbacks=[*callbacks, ClassificationBoard()],  # after the criteria, so that it sees when an epoch is the last
        monitor="val/loss" if recipe.task.stopping.patience else None,
    )


def _check_fit(model: nn.Module, data: InMemoryData, *, loss: str) -> None:
    """Try one sample before the first step.

    Raises:
        ValueError: The model does not take the data's inputs, or the loss is not for this head.
    """
    sample = data.prepared.test.input[:1]
    shape = "x".join(map(str, sample.shape[1:]))
    model.eval()
    try:
        with torch.no_grad():
            score = model(sample)
    except (RuntimeError, TypeError) as error:
        raise ZooError(
            f"the model does not take inputs of {shape} ({str(error).splitlines()[0]}); set --data.transform.size or the model's inputs"
        ) from error
    model.train()
    classes = len(data.prepared.labels)
    if score.shape != (1, classes):
        raise ZooError(f"the model gives {tuple(score.shape[1:])} scores a picture, the data has {classes} classes")
    if loss == "map" and bool((score > 0).any()):
        raise ZooError("the map loss is for energies (LeNet-5's rbf head); use --task.loss cross-entropy")


def _check_options(recipe: ClassifierRecipe) -> None:
    recipe.trainer.check_share(recipe.data.batch_size)
    if recipe.task.stopping.patience and not recipe.data.validation:
        raise ZooError("--task.stopping.patience needs a validation split; set --data.validation above 0")


def _provenance(recipe: ClassifierRecipe, learner: Learner) -> Provenance:
    return Provenance(
        kind=recipe.kind,
        arch=learner.arch,
        options=learner.options,
        recipe=recipe.name,
        loss=recipe.task.loss,
        labels=learner.data.prepared.labels,
        data=data_record(recipe.data, seed=recipe.seed),
    )


def sizes(kind: str, data: InMemoryData) -> str:
    """One line on the splits."""
    splits = data.prepared
    validation = len(splits.validation) if splits.validation else 0
    return f"{kind}: {len(splits.train):,} training, {validation:,} validation, {len(splits.test):,} test"


def _finish(task: Classification, data: InMemoryData) -> Report:
    """Figures of all three splits; pictures of the test split."""
    splits = data.prepared
    report = evaluate(task.model, data.whole(splits.test), task.loss)
    validation = evaluate(task.model, data.whole(splits.validation), task.loss).metrics("val") if splits.validation else {}
    figures = {"train/loss": task.epoch_loss.compute()} | validation | report.metrics("test")
    return Report(figures, pictures=draw_pictures(report, task.model, splits.test, splits.labels))


def _input_text(meta: ModelMeta) -> str:
    if (transform := meta.transform) is None:
        return "points in the plane, shifted and scaled as `zoo.data.double_moon.standardized` does"
    size, content = transform["size"], transform["content"]
    whitening = f", then {transform['whitening']} whitening" if transform["whitening"] else ""
    colours = "colour" if isinstance(transform["background"], list) else "grey"
    return (
        f"{colours} {size}x{size}: picture at {content}x{content}, background {transform['background']}, ink {transform['ink']}{whitening}"
    )
