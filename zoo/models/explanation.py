"""Maps of the classes in question, by whichever method suits the network.

Sizes in shapes: B batch, C classes, L classes in question, I channels, H and W height and width, h and w those of the maps.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from zoo.errors import ZooError, did_you_mean
from zoo.models.cam import NoGapHead, class_activation_map
from zoo.models.grad_cam import Classes, chosen_classes, grad_cam

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
    classes: Classes,
    method: Method = "auto",
    layer: str | None = None,
) -> Explanation:
    """Class activation maps where the network has the head for them, Grad-CAM otherwise.

    Args:
        model: The network, in evaluation mode.
        image: Its input.
        classes: As ``chosen_classes`` takes them.
        method: ``auto`` chooses.
        layer: Name of the part whose maps Grad-CAM weighs, torchvision's for its networks too; ``auto`` then is Grad-CAM.

    Raises:
        ZooError: There is no such method; ``cam`` was asked for and the network has no such head, or it makes no maps that say
            something; there is no such class, part or picture; the model is in training mode, or gives no finite scores.
    """
    if method not in (known := get_args(Method)):
        raise ZooError(f"method {method!r}: must be {' or '.join(known)}")
    if layer is not None and method == "cam":
        raise ZooError(f"layer {layer}: class activation maps are of the layer before the pooling; only Grad-CAM lets one choose")
    part, why = None if layer is None else _part(model, layer), ""
    if part is None and method != "grad-cam":
        try:
            found = class_activation_map(model, image)
        except NoGapHead as error:
            if method == "cam":
                raise
            why = f"; no class activation maps: {error.reason}"
        else:
            label = chosen_classes(found.score, classes)
            which = label[..., None, None].expand(-1, -1, *found.map.shape[2:])
            return Explanation(found.score, label, found.map.gather(1, which), f"class activation maps: {found.head}")
    weighed = grad_cam(model, image, classes, layer=part)
    return Explanation(
        weighed.score, weighed.label, weighed.map, f"Grad-CAM: maps of {weighed.layer}, weighed by their mean gradients{why}"
    )


def _part(model: nn.Module, name: str) -> nn.Module:
    parts = {known: part for known, part in model.named_modules() if known}
    for known in (name, f"network.{name}"):  # where the zoo wraps a network of torchvision's
        if known in parts:
            return parts[known]
    outer = ", ".join(known for known in parts if known.removeprefix("network.").count(".") == 0)
    raise ZooError(f"layer {name}: the model has no such part; {did_you_mean(name, list(parts), otherwise=f'it is made of {outer}')}")
