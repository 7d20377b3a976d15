"""Classifiers whose features are the point: trained with center loss, measured by the distances between features."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import torch
from pytorch_lightning.callbacks import LearningRateMonitor
from torch import Tensor, nn

from zoo.data.metric_options import EmbeddingOptions
from zoo.data.module import InMemoryData, prepare_images
from zoo.data.open_set import OpenSet, read_open_set
from zoo.data.options import TransformOptions
from zoo.data.sets import Labelled
from zoo.errors import ZooError
from zoo.figures.verification import Plane, plane_grid
from zoo.layers.input_transform import InputTransform
from zoo.layers.mode import evaluating
from zoo.metrics.clusters import class_distances
from zoo.metrics.verification import retrieve
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.metric_learning import EmbeddingRecipe
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.release import Provenance, data_record
from zoo.recipes.verification_report import AUC, EER, PAIR_ACCURACY, RECALL, TAR, verification_report
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.center_loss import CenterLossTraining, Embedder
from zoo.tasks.embedding_board import EmbeddingBoard

_CHUNK = 500  # pictures


class EmbeddingKind:
    """How embeddings are trained, measured and shown."""

    measures = (
        Measure("test/error", "test error", "%", scale=100),
        Measure("test/within_over_between", "distance within over between classes", digits=4),
        *(EER, AUC, TAR, PAIR_ACCURACY, RECALL),
    )
    chosen_by = "val/error"

    def prepare(self, recipe: EmbeddingRecipe) -> Job:
        """Read the pictures, keep the unseen classes apart and build the model."""
        recipe.trainer.check_share(recipe.data.batch_size)
        pictures = read_open_set(recipe.data, seed=recipe.seed)
        data = prepare_images(pictures.seen, recipe.data, seed=recipe.seed)
        labels = pictures.seen.labels
        options = asdict(recipe.model) | {"num_classes": len(labels), "side": recipe.data.transform.size}
        model = get_model(recipe.model.arch, **options)
        task = CenterLossTraining(model, recipe.task, num_classes=len(labels))
        return Job(
            task,
            data,
            _provenance(recipe, options, pictures),
            about=_sizes(recipe, data, pictures),
            finish=lambda: _finish(model, data, pictures, transform=cast(InputTransform, data.transform)),
            transform=data.transform,
            callbacks=[LearningRateMonitor(), EmbeddingBoard(labels)],
        )

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Measure released weights on their test split and on the pairs that were kept for it."""
        test, pictures = read_test(trained, options.root)
        return _measure(trained.model, test, pictures, cast(InputTransform, trained.transform))

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """What goes in, what comes out, and by which loss."""
        unseen = ", ".join(meta.data["unseen"]) or "none; pairs are those of the test split"
        return {"classes": ", ".join(meta.labels), "classes never seen in training": unseen, "loss": meta.loss}

    def usage(self, meta: ModelMeta) -> str:
        """Features and scores."""
        return (
            "x = model.transform(image)  # image: uint8, B x 1 x h x w, light on dark\n"
            "feature, score = model.embed(x), model(x)  # the Euclidean distance of two features says whether they are alike"
        )

    def notes(self, meta: ModelMeta) -> str:
        """Nothing more."""
        return ""


KIND = EmbeddingKind()


def read_test(trained: Trained, root: Path | None) -> tuple[Labelled, OpenSet]:
    """The test split of released weights as their model takes it, and all pictures as they were read.

    Raises:
        ZooError: The data is missing or damaged, or of other classes.
    """
    record = trained.meta.data
    transform = TransformOptions(**(trained.meta.transform or {}))
    data = EmbeddingOptions(kind=record["kind"], root=root, unseen=len(record["unseen"]), transform=transform)
    pictures = read_open_set(data, seed=record["seed"])
    if pictures.seen.labels != trained.meta.labels:
        raise ZooError(f"{root}: its classes are not the model's")
    test = pictures.seen.test
    return Labelled(cast(InputTransform, trained.transform)(test.input), test.label), pictures


@torch.no_grad()
def embed(model: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """Features and scores of pictures in evaluation mode; the model's mode is put back afterwards."""
    embedder = cast(Embedder, model)
    with evaluating(model):
        features = [embedder.embed(chunk) for chunk in x.split(_CHUNK)]
        scores = [embedder.head(feature) for feature in features]
    return torch.cat(features).cpu(), torch.cat(scores).cpu()


def _measure(model: nn.Module, test: Labelled, pictures: OpenSet, transform: InputTransform) -> Report:
    device = next(model.parameters()).device
    feature, score = embed(model, test.input.to(device))
    error = float((score.argmax(1) != test.label).double().mean())
    within, between = (float(each) for each in class_distances(feature.double(), test.label))
    figures = {
        "test/error": error,
        "test/within": within,
        "test/between": between,
        "test/within_over_between": within / between,
    }
    verified = pictures.verified
    report = _verify(embed(model, transform.cpu()(verified.input).to(device))[0].double(), verified.label)
    where = f"pairs of the unseen classes {', '.join(pictures.unseen)}" if pictures.unseen else "pairs of the test split"
    lines = [
        f"test error            {100 * error:.2f} %",
        f"distance              {within:.4g} within classes, {between:.4g} between, quotient {within / between:.4f}",
        f"{where}, {len(verified):,} pictures:",
        *report.lines,
    ]
    drawn = {"features": plane_grid([Plane(feature, test.label)], pictures.seen.labels)} if feature.shape[1] == 2 else {}
    return Report(figures | report.figures, lines, {**drawn, **report.pictures})


def _verify(feature: Tensor, label: Tensor) -> Report:
    first, second = torch.triu_indices(len(label), len(label), offset=1)
    table = torch.cdist(feature, feature)
    retrieval = retrieve(table.split(_CHUNK), label, label, among_itself=True)
    return verification_report(table[first, second], label[first] == label[second], retrieval)


def _finish(model: nn.Module, data: InMemoryData, pictures: OpenSet, *, transform: InputTransform) -> Report:
    splits = data.prepared
    figures: dict[str, float] = {}
    if splits.validation:
        _, score = embed(model, splits.validation.input.to(next(model.parameters()).device))
        figures["val/error"] = float((score.argmax(1) != splits.validation.label).double().mean())
    report = _measure(model, splits.test, pictures, transform)
    return Report(figures | report.figures, report.lines, report.pictures)


def _provenance(recipe: EmbeddingRecipe, options: dict[str, Any], pictures: OpenSet) -> Provenance:
    task = recipe.task
    return Provenance(
        kind=recipe.kind,
        arch=recipe.model.arch,
        options=options,
        recipe=recipe.name,
        loss=f"cross-entropy + {task.weight:g} x center loss" if task.weight else "cross-entropy",
        labels=pictures.seen.labels,
        data=data_record(recipe.data, seed=recipe.seed) | {"seed": recipe.seed, "unseen": pictures.unseen},
    )


def _sizes(recipe: EmbeddingRecipe, data: InMemoryData, pictures: OpenSet) -> str:
    splits = data.prepared
    validation = len(splits.validation) if splits.validation else 0
    counts = f"{len(splits.train):,} training, {validation:,} validation, {len(splits.test):,} test"
    return f"{recipe.data.kind}: {counts}" + (f"; never seen: {', '.join(pictures.unseen)}" if pictures.unseen else "")
