"""Classifiers that are asked where they look: errors of their boxes beside the error of their classes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from matplotlib.figure import Figure
from torch import nn

from zoo.data.cluttered_data import held_out_pictures
from zoo.data.cluttered_options import ClutteredOptions
from zoo.data.in_memory import InMemoryData, evaluation_batches
from zoo.data.located import Located
from zoo.functions.losses import LOSSES, likelihood
from zoo.layers.input_transform import InputTransform
from zoo.layers.mode import evaluating
from zoo.metrics.classification import evaluate
from zoo.metrics.localization import LocalizationReport, localize, true_class_maps
from zoo.metrics.occlusion import OcclusionCurves, occlusion_curves
from zoo.recipes.classification_report import draw_pictures, print_lines
from zoo.recipes.gap_net import LocalizationRecipe
from zoo.recipes.kinds import classification
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.localization_report import draw_localization, localization_lines
from zoo.recipes.options import EvaluateOptions
from zoo.records import ModelMeta
from zoo.registry import Trained

_OCCLUDED = 200  # test pictures, the first, whose places are hidden


class LocalizationKind:
    """As classifiers are; and the maps of the true classes are compared with boxes that training did not see."""

    measures = (
        *classification.KIND.measures,
        Measure("test/localization_error_top1", "top-1 localisation error at IoU 0.5", "%", scale=100),
        Measure("test/localization_error_top5", "top-5 localisation error", "%", scale=100),
        Measure("test/localization_error_known", "localisation error, class known", "%", scale=100),
        Measure("test/box_accuracy", "MaxBoxAcc, threshold from validation", "%", scale=100),
        Measure("val/box_threshold", "that threshold, share of the maximum"),
        Measure("test/pointing_error", "pointing game, error", "%", scale=100),
        Measure("test/drop_active_tenth", f"fall of the probability, most active tenth hidden (first {_OCCLUDED} pictures)", digits=3),
        Measure("test/drop_random_tenth", f"the same, a random tenth hidden (first {_OCCLUDED})", digits=3),
        Measure("test/deletion_area", f"area under the deletion curve (first {_OCCLUDED})", digits=3),
        Measure("test/random_deletion_area", f"the same, random order (first {_OCCLUDED})", digits=3),
        Measure("test/insertion_area", f"area under the insertion curve (first {_OCCLUDED})", digits=3),
    )
    chosen_by = "val/error"

    def prepare(self, recipe: LocalizationRecipe) -> Job:
        """As a classifier is; only the end differs."""
        job = classification.KIND.prepare(recipe)

        def finish() -> Report:
            first = job.finish()
            assert isinstance(job.data, InMemoryData), "what classifiers are trained on"
            validation, test = job.data.prepared.validation, job.data.prepared.test
            assert isinstance(test, Located), "cluttered digits have boxes"
            assert validation is None or isinstance(validation, Located), "likewise"
            assert job.transform is not None, "pictures have one"
            found = _measure(job.model, validation, test, job.transform, loss=recipe.task.loss)
            pictures = draw_localization(job.model, test, found.boxes, found.curves, job.transform)
            return Report(first.figures | found.figures, first.lines, {**first.pictures, **pictures})

        return replace(job, finish=finish)

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Score released weights, and compare their maps with the boxes, on the same pictures as after training."""
        meta = trained.meta
        scene = ClutteredOptions(kind=meta.data["kind"], root=options.root, **meta.data["scene"])
        validation, test, labels = held_out_pictures(scene)
        report = evaluate(trained.model, evaluation_batches(test), LOSSES[meta.loss])
        assert trained.transform is not None, "pictures have one"
        found = _measure(trained.model, validation, test, trained.transform, loss=meta.loss)
        lines = [*print_lines(report, labels, loss=meta.loss), *localization_lines(found.boxes, found.figures)]
        pictures: dict[str, Figure] = {}
        if options.pictures:
            pictures = draw_pictures(report, trained.model, test, labels)
            pictures |= draw_localization(trained.model, test, found.boxes, found.curves, trained.transform)
        return Report(report.metrics("test") | found.figures, lines, pictures)

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """As of a classifier."""
        return classification.KIND.facts(meta)

    def usage(self, meta: ModelMeta) -> str:
        """Scores, and the maps that they are the means of."""
        return f"""{classification.KIND.usage(meta)}

from zoo.models.cam import class_activation_map

found = class_activation_map(model, model.transform(image))  # score, map: B x {len(meta.labels)} x rows x columns, bias"""

    def notes(self, meta: ModelMeta) -> str:
        """How boxes come about."""
        return f"""## How it finds

No box was used in training. A box is drawn around the largest connected part of the class activation map, enlarged to the
picture, that reaches 20 % of its maximum, the paper's rule; it is right if it shares half of the two boxes' union with the
true one. Hiding fills places of the map with the background, in the first {_OCCLUDED} test pictures, by the maps of their true
classes; all other figures are of the whole test split. The curves are in `pictures/` of the run and of `evaluate.py`."""


KIND = LocalizationKind()


@dataclass(frozen=True)
class _Found:
    """Figures, and what they and their pictures are made of."""

    figures: dict[str, float]
    boxes: LocalizationReport
    curves: OcclusionCurves


def _measure(model: nn.Module, validation: Located | None, test: Located, transform: InputTransform, *, loss: str) -> _Found:
    """Boxes of the whole test split, the threshold that validation prefers, and what hiding places does."""
    found = localize(model, test.input, test.label, test.box)
    figures = found.metrics("test")
    if validation is not None:
        preferred = localize(model, validation.input, validation.label, validation.box)
        threshold = preferred.best_threshold()
        figures |= preferred.metrics("val") | {"val/box_threshold": threshold, "test/box_accuracy": found.box_accuracy(threshold)}
    curves = _occlusion(model, test, transform, loss=loss)
    return _Found(figures | curves.metrics("test"), found, curves)


def _occlusion(model: nn.Module, test: Located, transform: InputTransform, *, loss: str) -> OcclusionCurves:
    """Hide places of the first test pictures, by the maps of their true classes."""
    device = next(model.parameters()).device
    image, label = test.input[:_OCCLUDED].to(device), test.label[:_OCCLUDED].to(device)
    _, maps = true_class_maps(model, image, label)
    with evaluating(model):
        return occlusion_curves(
            lambda x: likelihood(model(x), loss=loss),
            image,
            maps,
            label,
            background=transform.low.to(device),
            generator=torch.Generator().manual_seed(0),
        )
