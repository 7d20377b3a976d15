"""Where a map says that an object is, against the box where it is.

Sizes in shapes: B pictures, M of them, I channels, C classes, H and W height and width of a picture, h and w those of a map, T thresholds.
Boxes are (left, top, right, bottom) in pixels, right and bottom exclusive.

References:
    Zhou et al., CVPR 2016, section 3.2 (boxes; top-1 and top-5 error as in ILSVRC). Choe et al., "Evaluating weakly
    supervised object localization methods right", CVPR 2020 (known class, MaxBoxAcc). Zhang et al., "Top-down neural attention
    by excitation backprop", ECCV 2016 (pointing game).
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from scipy import ndimage
from torch import Tensor, nn

from zoo.layers.mode import evaluating
from zoo.models.cam import class_activation_map

THRESHOLD = 0.2  # the paper's share of a map's maximum
THRESHOLDS = tuple(step / 20 for step in range(1, 13))  # among which validation chooses for MaxBoxAcc
OVERLAP = 0.5  # intersection over union from which a box is right
_EIGHT_NEIGHBOURS = np.ones((3, 3), int)


def enlarge(maps: Float[Tensor, "B h w"], *, size: tuple[int, int]) -> Float[Tensor, "B H W"]:
    """A map at the size of its picture; boxes are cut from this, not from the coarse map."""
    return F.interpolate(maps[:, None], size, mode="bilinear")[:, 0]


def map_boxes(maps: Float[Tensor, "B H W"], *, thresholds: tuple[float, ...] = (THRESHOLD,)) -> Int[Tensor, "B T 4"]:
    """The box of the largest connected part of each map that reaches a share of its maximum.

    Diagonal neighbours are connected; of parts of equal size the first from the top counts. A map without anything
    positive has nothing to cut out: its box is the whole picture.
    """
    boxes = [[_box(one, threshold) for threshold in thresholds] for one in maps.cpu().numpy()]
    return torch.tensor(boxes, dtype=torch.long).view(len(maps), len(thresholds), 4)


def _box(one: np.ndarray, threshold: float) -> tuple[int, int, int, int]:
    peak = one.max()
    if not peak > 0:
        return 0, 0, one.shape[1], one.shape[0]
    part, _ = ndimage.label(one >= threshold * peak, _EIGHT_NEIGHBOURS)
    largest = int(np.bincount(part.ravel())[1:].argmax())
    rows, columns = ndimage.find_objects(part)[largest]
    return columns.start, rows.start, columns.stop, rows.stop


def overlap(a: Int[Tensor, "*#batch 4"], b: Int[Tensor, "*#batch 4"]) -> Float[Tensor, "*batch"]:
    """Intersection over union of pairs of boxes, in [0, 1]."""
    side = torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])
    shared = side.clamp(min=0).prod(-1)
    area_a, area_b = ((box[..., 2:] - box[..., :2]).prod(-1) for box in (a, b))
    return shared / (area_a + area_b - shared)


def points_inside(maps: Float[Tensor, "B H W"], box: Int[Tensor, "B 4"]) -> Bool[Tensor, " B"]:
    """Whether the highest place of each map lies in the box: the pointing game, without its margin of 15 pixels."""
    peak = maps.flatten(1).argmax(1).to(box.device)
    x, y = peak % maps.shape[2], peak // maps.shape[2]
    left, top, right, bottom = box.unbind(1)
    return (left <= x) & (x < right) & (top <= y) & (y < bottom)


@dataclass(frozen=True)
class LocalizationReport:
    """How well the maps of the true classes find the objects of a split."""

    score: Float[Tensor, "B C"]
    label: Int[Tensor, " B"]
    overlap: Float[Tensor, "B T"]
    """Of the true class's box at each of ``THRESHOLDS``."""
    pointed: Bool[Tensor, " B"]

    @property
    def found(self) -> Bool[Tensor, " B"]:
        """Whether the true class's box is right, by the paper's rule."""
        return self.overlap[:, THRESHOLDS.index(THRESHOLD)] >= OVERLAP

    def error(self, *, top: int) -> float:
        """Share of pictures where none of the ``top`` likeliest classes is the true one with a right box."""
        named = (self.score.topk(min(top, self.score.shape[1])).indices == self.label[:, None]).any(1)
        return float((~(named & self.found)).double().mean())

    def best_threshold(self) -> float:
        """The threshold that finds most objects; to be chosen on validation."""
        return THRESHOLDS[int(self._accuracy().argmax())]

    def box_accuracy(self, threshold: float) -> float:
        """Share of right boxes at a threshold, the class being known: MaxBoxAcc where validation chose the threshold."""
        return float(self._accuracy()[THRESHOLDS.index(threshold)])

    def metrics(self, split: str) -> dict[str, float]:
        """The figures by the names under which they are logged, all of the fixed threshold."""
        return {
            f"{split}/localization_error_top1": self.error(top=1),
            f"{split}/localization_error_top5": self.error(top=5),
            f"{split}/localization_error_known": 1 - float(self.found.double().mean()),
            f"{split}/pointing_error": 1 - float(self.pointed.double().mean()),
        }

    def worst(self, count: int) -> Int[Tensor, " M"]:
        """Positions of the pictures that are named right and whose boxes overlap least, the worst first."""
        named = self.score.argmax(1) == self.label
        shared = self.overlap[:, THRESHOLDS.index(THRESHOLD)].masked_fill(~named, torch.inf)
        return shared.argsort(stable=True)[: min(count, int((named & ~self.found).sum()))]

    def _accuracy(self) -> Float[Tensor, " T"]:
        return (self.overlap >= OVERLAP).double().mean(0)


@torch.no_grad()
def true_class_maps(
    model: nn.Module, image: Float[Tensor, "B I H W"], label: Int[Tensor, " B"]
) -> tuple[Float[Tensor, "B C"], Float[Tensor, "B h w"]]:
    """Scores, and the map of each picture's own class, on the model's device; the model's mode stays as it was."""
    device = next(model.parameters()).device
    with evaluating(model):
        found = class_activation_map(model, image.to(device))
    return found.score, found.map[torch.arange(len(image)), label.to(device)]


def localize(
    model: nn.Module, image: Float[Tensor, "B I H W"], label: Int[Tensor, " B"], box: Int[Tensor, "B 4"], *, batch_size: int = 100
) -> LocalizationReport:
    """Compare the maps of the true classes with the boxes of a whole split.

    Args:
        model: Takes pictures to scores; its head is global average pooling and one linear layer.
        image: Inputs.
        label: True classes.
        box: True boxes.
        batch_size: Pictures at a time.
    """
    parts = []
    for x, true, where in zip(image.split(batch_size), label.split(batch_size), box.split(batch_size), strict=True):
        score, maps = true_class_maps(model, x, true)
        large = enlarge(maps, size=(x.shape[2], x.shape[3])).cpu()
        shared = overlap(map_boxes(large, thresholds=THRESHOLDS), where[:, None])
        parts.append((score.cpu(), shared, points_inside(large, where)))
    score, shared, pointed = (torch.cat(column) for column in zip(*parts, strict=True))
    return LocalizationReport(score, label, shared, pointed)
