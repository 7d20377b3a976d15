"""What people see of a localiser's figures: lines in the terminal, and pictures."""

from collections.abc import Mapping

import torch
from matplotlib.figure import Figure
from torch import nn

from zoo.data.located import Located
from zoo.figures.occlusion import occlusion_figure
from zoo.figures.overlay import boxes_figure
from zoo.layers.input_transform import InputTransform
from zoo.metrics.localization import LocalizationReport, enlarge, map_boxes, true_class_maps
from zoo.metrics.occlusion import SHARES, OcclusionCurves

_DRAWN = 24  # pictures


def localization_lines(found: LocalizationReport, figures: Mapping[str, float]) -> list[str]:
    """Errors of the boxes, and what hiding places does."""
    wrong = int((~found.found).sum())
    lines = [
        f"localisation error  top-1 {_percent(found.error(top=1))}, top-5 {_percent(found.error(top=5))}, class known "
        f"{_percent(wrong / len(found.label))}   (boxes at 20 % of the maximum, IoU 0.5; {wrong} of {len(found.label):,} wrong)",
        f"pointing game       error {_percent(figures['test/pointing_error'])}",
        f"hidden tenth        probability falls by {figures['test/drop_active_tenth']:.3f}, "
        f"by {figures['test/drop_random_tenth']:.3f} for a random one",
    ]
    if "val/box_threshold" in figures:
        accuracy = _percent(figures["test/box_accuracy"])
        lines.insert(1, f"MaxBoxAcc           {accuracy} at {figures['val/box_threshold']:.2f} of the maximum, chosen on validation")
    return lines


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def draw_localization(
    model: nn.Module, test: Located, found: LocalizationReport, curves: OcclusionCurves, transform: InputTransform
) -> dict[str, Figure]:
    """Maps and boxes of the first test pictures and of those with the worst boxes, and the occlusion curves."""
    choices = {"maps": torch.arange(min(_DRAWN, len(test))), "worst_boxes": found.worst(_DRAWN)}
    pictures = {"occlusion": occlusion_figure(SHARES, curves.deletion, curves.insertion, curves.random)}
    for name, chosen in choices.items():
        if len(chosen):
            image, label = test.input[chosen], test.label[chosen]
            _, maps = true_class_maps(model, image, label)
            large = enlarge(maps.cpu(), size=(image.shape[2], image.shape[3]))
            share = ((image[:, 0] - transform.low.cpu()[0]) / transform.contrast.cpu()[0]).clamp(0, 1)
            pictures[name] = boxes_figure(share, large, map_boxes(large)[:, 0], test.box[chosen])
    return pictures
