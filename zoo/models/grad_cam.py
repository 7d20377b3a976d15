"""Grad-CAM: activation maps for networks without a global-average-pooling head.

Sizes in shapes: B batch, C classes, L classes in question, H and W height and width of a picture, h and w those of its maps.

Reference: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV 2017,
section 3. It differs from the paper in that negative values are kept unless ``relu`` is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

from zoo.errors import ZooError
from zoo.models.cam import check_ready, check_scores, part_name, rescaled

Classes = int | Sequence[int] | Int[Tensor, "..."]
"""Which classes are in question: ``chosen_classes`` says what is accepted."""

_EDGE = 16  # places that maps may lack, or have more, at their edges than the stride says


@dataclass(frozen=True)
class GradMaps:
    """Scores of all classes, and maps of those in question."""

    score: Float[Tensor, "B C"]
    label: Int[Tensor, "B L"]
    map: Float[Tensor, "B L h w"]
    layer: str
    """The part of the network whose maps were weighed, by name."""


def grad_cam(
    model: nn.Module,
    image: Float[Tensor, "B I H W"],
    classes: Classes,
    *,
    layer: nn.Module | None = None,
    relu: bool = False,
    normalize: bool = False,
) -> GradMaps:
    r"""Maps :math:`\sum_k \alpha_k f_k(x, y)` with :math:`\alpha_k` the mean of :math:`\partial S_c / \partial f_k`.

    One forward pass, and for each class a backward pass from the scores to the maps. Where the head is global average
    pooling and a linear layer, these are the class activation maps over ``hw``: MATHS.md (16).

    Args:
        model: The network, in evaluation mode.
        image: Its input.
        classes: As ``chosen_classes`` takes them.
        layer: The part whose maps are weighed; None for the last one that gives maps of more than one place. It has to be
            named where a network goes on to work on sequences, as vision transformers do: maps from before say little.
        relu: Cut maps off below zero, as the paper does.
        normalize: Stretch every map from its smallest to its largest value over [0, 1].

    Raises:
        ZooError: No part gives such maps, or only one before sequences; the layer was not reached, gives no maps of the picture, or
            ones that scores do not depend on; there is no such class or no picture; the model is in training mode, or gives no
            finite scores.
    """
    check_ready(model, image)
    maps: Tensor | None = None
    maker: nn.Module | None = None
    sequencer: nn.Module | None = None

    def note(module: nn.Module, inputs: Any, output: Any) -> Any:
        nonlocal maps, maker, sequencer
        if module is layer:
            maps, maker = output, module
            return output.clone() if _is_map(output) else None  # the next layer may write into what it is given
        if layer is None and _is_map(output):
            maps, maker, sequencer = output, module, None
        elif sequencer is None and _is_sequence(output) and any(True for _ in module.parameters()):
            sequencer = module
        return None

    handle = register_module_forward_hook(note)
    with torch.enable_grad():
        try:
            score = model(image.detach().requires_grad_())  # so that frozen networks have gradients too
        finally:
            handle.remove()
        check_scores(score, model)
        if maps is None or not _is_map(maps):
            raise ZooError(f"no Grad-CAM: no part of {type(model).__name__} that was asked for gives maps with more than one place")
        if not _covers(maps.shape[2:], image.shape[2:]):
            places, pixels = (" x ".join(map(str, tensor.shape[2:])) for tensor in (maps, image))
            raise ZooError(
                f"no Grad-CAM: what {part_name(model, maker)} gives is no map of the picture ({places} places for {pixels} pixels); "
                "perhaps its channels come last: name a part after they were moved"
            )
        if layer is None and sequencer is not None:
            raise ZooError(
                f"no Grad-CAM: the last maps are those of {part_name(model, maker)}, after which {type(model).__name__} works on "
                f"sequences ({part_name(model, sequencer)}); name the part whose maps are to be weighed: layer=, or --layer NAME"
            )
        label = chosen_classes(score, classes)
        wanted = score.gather(1, label).sum(0)  # pictures have nothing to do with each other
        slopes = [torch.autograd.grad(one, maps, retain_graph=True, allow_unused=True)[0] for one in wanted]
        if slopes[0] is None:
            raise ZooError(f"no Grad-CAM: the scores of {type(model).__name__} do not depend on the maps of {part_name(model, maker)}")
        alpha = torch.stack([slope.mean((2, 3)) for slope in slopes], dim=1)
    weighed = (alpha @ maps.detach().flatten(2)).unflatten(2, maps.shape[2:])
    return GradMaps(score.detach(), label, rescaled(weighed, relu=relu, normalize=normalize), part_name(model, maker))


def chosen_classes(score: Float[Tensor, "B C"], classes: Classes) -> Int[Tensor, "B L"]:
    """Numbers of the classes in question, a row a picture.

    Args:
        score: What the model gives.
        classes: A number: so many of the likeliest of each picture, at least one and at most all there are. A sequence:
            these of every picture. A tensor, B x L: for each picture its own.

    Raises:
        ZooError: There is no such class, or ``classes`` is none of these.
    """
    batch, count = score.shape
    if isinstance(classes, int):
        if classes < 1:
            raise ZooError(f"the {classes} likeliest classes were asked for; there must be at least one")
        return score.topk(min(classes, count)).indices
    label = classes if isinstance(classes, Tensor) else torch.stack(batch * [torch.as_tensor(classes)])
    if label.dim() != 2 or len(label) != batch or not label.numel():
        raise ZooError(f"classes of shape {tuple(label.shape)}: a tensor has a row for each of the {batch} pictures, of one class or more")
    if wrong := [number for number in label.unique().tolist() if number not in range(count)]:
        raise ZooError(f"there is no class {wrong[0]}; the model has {count}, from 0 to {count - 1}")
    return label.long().to(score.device)


def _is_map(output: Any) -> bool:
    return isinstance(output, Tensor) and output.dim() == 4 and output.shape[2:].numel() > 1


def _covers(places: torch.Size, pixels: torch.Size) -> bool:
    """Whether maps of these sides can be of a picture of those: of one stride both ways, but for what is lost at the edges."""
    strides = [(side / (count + _EDGE), side / max(count - _EDGE, 1e-9)) for count, side in zip(places, pixels, strict=True)]
    return max(least for least, _ in strides) <= min(most for _, most in strides)


def _is_sequence(output: Any) -> bool:
    return isinstance(output, Tensor) and output.dim() == 3 and output.shape[1] > 1
