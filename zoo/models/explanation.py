"""Maps of the classes in question, by whichever method suits the network.

Sizes in shapes: B batch, C classes, L classes in question, I channels, H and W height and width, h and w those of the maps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.models.cam import class_activation_map
from zoo.models.grad_cam import chosen_classes, grad_cam

Method = Literal["auto", "cam", "grad-cam"]


@dataclass(frozen=True)
class Explanation:
    """Scores of all classes and maps of some, with how they came about in words."""

    score: Float[Tensor, "B C"]
    label: Int[Tensor, "B L"]
    map: Float[Tensor, "B L h w"]
    how: str


@torch.no_grad()
def explain(
    model: nn.Module,
    image: Float[Tensor, "B I H W"],
    *,
    classes: int | Sequence[int],
    method: Method = "auto",
    relu: bool = False,
    normalize: bool = False,
) -> Explanation:
    """Class activation maps where the network has the head for them, Grad-CAM otherwise.

    Args:
        model: The network, in evaluation mode.
        image: Its input.
        classes: So many likeliest classes of each picture, or these.
        method: ``auto`` chooses.
        relu: Cut maps off below zero.
        normalize: Stretch each map over [0, 1].

    Raises:
        ZooError: ``cam`` was asked for and the network has no such head, or it makes no maps at all; there is no such class;
            the model is in training mode, or gives no finite scores.
    """
    if method != "grad-cam":
        try:
            found = class_activation_map(model, image, relu=relu, normalize=normalize)
        except ZooError:
            if method == "cam":
                raise
        else:
            label = chosen_classes(found.score, classes)
            which = label[..., None, None].expand(-1, -1, *found.map.shape[2:])
            return Explanation(found.score, label, found.map.gather(1, which), f"class activation maps: {found.head}")
    weighed = grad_cam(model, image, classes, relu=relu, normalize=normalize)
    return Explanation(weighed.score, weighed.label, weighed.map, f"Grad-CAM: maps of {weighed.layer}, weighed by their mean gradients")
