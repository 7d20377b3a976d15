"""Classifiers that are asked where they look: errors of their boxes beside the error of their classes."""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import nn

from zoo.data.cluttered_data import held_out_pictures
from zoo.data.cluttered_options import ClutteredOptions
from zoo.data.in_memory import InMemoryData, evaluation_batches
from zoo.data.located import Located
from zoo.functions.losses import LOSSES, likelihood
from zoo.layers.input_transform import InputTransform
from zoo.metrics.classification import evaluate
from zoo.metrics.localization import localize
from zoo.metrics.occlusion import OcclusionCurves, occlusion_curves
from zoo.models.cam import class_activation_map
from zoo.recipes.classification_report import draw_pictures, print_lines
from zoo.recipes.gap_net import LocalizationRecipe
from zoo.recipes.kinds import classification
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.localization_report import draw_localization, print_localization
from zoo.recipes.options import EvaluateOptions
from zoo.records import ModelMeta
from zoo.registry import Trained

_OCCLUDED = 200  # test pictures whose places are hidden


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
        Measure("test/drop_active_tenth", "fall of the probability, most active tenth hidden", digits=3),
        Measure("test/drop_random_tenth", "the same, a random tenth hidden", digits=3),
        Measure("test/deletion_area", "area under the deletion curve", digits=3),
        Measure("test/random_deletion_area", "the same, random order", digits=3),
        Measure("test/insertion_area", "area under the insertion curve", digits=3),
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
            found = _measure(job.model, validation, test, job.transform, loss=recipe.task.loss)
            return Report(first.figures | found.figures, first.lines, {**first.pictures, **found.pictures})

        return replace(job, finish=finish)

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Score released weights, and compare their maps with the boxes, on the same pictures as after training."""
        meta = trained.meta
        scene = ClutteredOptions(kind=meta.data["kind"], root=options.root, **meta.data["scene"])
        validation, test, labels = held_out_pictures(scene)
        report = evaluate(trained.model, evaluation_batches(test), LOSSES[meta.loss])
        found = _measure(trained.model, validation, test, trained.transform, loss=meta.loss)
        pictures = {**draw_pictures(report, trained.model, test, labels), **found.pictures} if options.pictures else {}
        lines = [*print_lines(report, labels, loss=meta.loss), *found.lines]
        return Report(report.metrics("test") | found.figures, lines, pictures)

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """As of a classifier."""
        return classification.KIND.facts(meta)

    def usage(self, meta: ModelMeta) -> str:
        """Scores, and the maps that they are the means of."""
        return f"""{classification.KIND.usage(meta)}

from zoo.models.cam import class_activation_map

found = class_activation_map(model, model.transform(image))  # score, map: B x 10 x 24 x 24, bias"""

    def notes(self, meta: ModelMeta) -> str:
        """How boxes come about."""
        return """## How it finds

No box was used in training. A box is drawn around the largest connected part of the class activation map, enlarged to the
picture, that reaches 20 % of its maximum, the paper's rule; it is right if it shares half of the two boxes' union with the
true one. Hiding fills places of the map with the background; the curves are in `pictures/` of the run and of `evaluate.py`."""


KIND = LocalizationKind()


def _measure(model: nn.Module, validation: Located | None, test: Located, transform: InputTransform | None, *, loss: str) -> Report:
    """Boxes of the whole test split, the threshold that validation prefers, and what hiding places does."""
    assert transform is not None, "pictures have one"
    found = localize(model, test.input, test.label, test.box)
    figures = found.metrics("test")
    if validation is not None:
        preferred = localize(model, validation.input, validation.label, validation.box)
        threshold = preferred.best_threshold()
        figures |= preferred.metrics("val") | {"val/box_threshold": threshold, "test/box_accuracy": found.box_accuracy(threshold)}
    curves = _occlusion(model, test, transform, loss=loss)
    figures |= curves.metrics("test")
    return Report(figures, print_localization(found, figures), draw_localization(model, test, found, curves, transform))


def _occlusion(model: nn.Module, test: Located, transform: InputTransform, *, loss: str) -> OcclusionCurves:
    """Hide places of the first test pictures, by the maps of their true classes."""
    device = next(model.parameters()).device
    image, label = test.input[:_OCCLUDED].to(device), test.label[:_OCCLUDED].to(device)
    model.eval()
    with torch.no_grad():
        maps = class_activation_map(model, image).map[torch.arange(len(image)), label]
    return occlusion_curves(
        lambda x: likelihood(model(x), loss=loss),
        image,
        maps,
        label,
        background=transform.low.to(device),
        generator=torch.Generator().manual_seed(0),
    )
