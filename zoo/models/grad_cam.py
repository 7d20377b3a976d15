"""Grad-CAM: activation maps for networks without a global-average-pooling head.

Sizes in shapes: B batch, H and W height and width of a picture, h and w those of its maps.

Reference: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV 2017,
section 3. It differs from the paper in that negative values are kept unless ``relu`` is asked for.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

from zoo.errors import ZooError
from zoo.models.cam import rescaled


def grad_cam(
    model: nn.Module,
    image: Float[Tensor, "B I H W"],
    label: Int[Tensor, " B"],
    *,
    layer: nn.Module | None = None,
    relu: bool = False,
    normalize: bool = False,
) -> Float[Tensor, "B h w"]:
    r"""One map a picture, :math:`\sum_k \alpha_k f_k(x, y)` with :math:`\alpha_k` the mean of :math:`\partial S_c / \partial f_k`.

    Where the head is global average pooling and a linear layer, this is the class activation map over ``hw``: MATHS.md (16).

    Args:
        model: The network, in evaluation mode.
        image: Its input.
        label: The class to explain, for each picture.
        layer: The part whose maps are weighed; None for the last one that gives maps of more than one place.
        relu: Cut maps off below zero, as the paper does.
        normalize: Stretch every map from its smallest to its largest value over [0, 1].

    Raises:
        ZooError: No part gives such maps, or the layer was not reached.
    """
    maps: Tensor | None = None

    def note(module: nn.Module, inputs: Any, output: Any) -> None:
        nonlocal maps
        if (layer is None and _is_map(output)) or module is layer:
            maps = output

    handle = register_module_forward_hook(note)
    try:
        with torch.enable_grad():
            score = model(image).gather(1, label[:, None]).sum()
    finally:
        handle.remove()
    if maps is None or not _is_map(maps):
        raise ZooError(f"no Grad-CAM: no part of {type(model).__name__} that was asked for gives maps with more than one place")
    (gradient,) = torch.autograd.grad(score, maps)
    weighed = (gradient.mean((2, 3), keepdim=True) * maps.detach()).sum(1)
    return rescaled(weighed, relu=relu, normalize=normalize)


def _is_map(output: Any) -> bool:
    return isinstance(output, Tensor) and output.dim() == 4 and output[0, 0].numel() > 1
