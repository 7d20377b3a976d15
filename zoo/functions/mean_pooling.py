"""Mean pooling over s x s windows that do not overlap.

Sizes in shapes: B batch, C maps, H and W height and width, h and w those of the output, s window and stride.
"""

import functools
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function
from zoo.functions.shapes import check_window


class _MeanPool(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, size: int) -> Tensor:
        return window_mean(x, size)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, int], output: Tensor) -> None:
        x, ctx.size = inputs
        ctx.shape = x.shape

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        # Each of the s*s inputs of a window carries an equal share of the mean's gradient.
        return spread(grad / ctx.size**2, ctx.size, ctx.shape), None


def window_mean(x: Float[Tensor, "B C H W"], size: int) -> Float[Tensor, "B C H//{size} W//{size}"]:
    """Mean over windows, as a sum of strided views, which vectorises on the CPU where ``F.avg_pool2d`` does not."""
    height, width = (side // size * size for side in x.shape[-2:])
    corners = [x[..., row:height:size, column:width:size] for row in range(size) for column in range(size)]
    return functools.reduce(torch.add, corners) / size**2


def spread(x: Float[Tensor, "B C h w"], size: int, shape: torch.Size) -> Float[Tensor, "B C H W"]:
    """Repeat each value over its window (MATLAB's ``expand``); zeros where no whole window was."""
    across = x.unsqueeze(-1).expand(*x.shape, size).flatten(-2)
    full = across.unsqueeze(-2).expand(*across.shape[:-1], size, across.shape[-1]).flatten(-3, -2)
    return F.pad(full, (0, shape[-1] - full.shape[-1], 0, shape[-2] - full.shape[-2])) if full.shape != shape else full


def mean_pool_native(x: Float[Tensor, "B C H W"], *, size: int = 2) -> Float[Tensor, "B C H//{size} W//{size}"]:
    """The native twin."""
    check_window(x, size)
    return F.avg_pool2d(x, size)


@register_function(
    formula="(13)",
    native=mean_pool_native,
    example=lambda draw: (draw(2, 3, 4, 6),),
    extremes={
        "sides that are no multiple of the window": lambda draw: (draw(2, 3, 5, 7),),
        "window as large as the image": lambda draw: (draw(2, 3, 2, 2),),
        "all-equal windows": lambda draw: (torch.ones_like(draw(2, 3, 4, 4)).requires_grad_(),),
        "batch of one": lambda draw: (draw(1, 1, 4, 4),),
        "empty batch": lambda draw: (draw(0, 3, 4, 6),),
    },
    workload=lambda draw: (draw(256, 6, 28, 28),),
)
def mean_pool(x: Float[Tensor, "B C H W"], *, size: int = 2) -> Float[Tensor, "B C H//{size} W//{size}"]:
    r"""Mean over each window: :math:`Y_R = \frac{1}{|R|} \sum_{i \in R} X_i`.

    Rows and columns that fill no whole window are dropped.

    Args:
        x: Feature maps.
        size: Side of the square window, and the stride.

    Returns:
        Maps of ``H // size`` by ``W // size``.

    Raises:
        ZooError: The window is larger than the image.

    References:
        Slides D0:1128 and D4:594-599. The toolbox's backward pass, slide D4:1012-1014, divides by the area as it
        should; slide D0:1113 leaves that out (erratum E23). Gradient: MATHS.md (13).
    """
    if is_native():
        return mean_pool_native(x, size=size)
    check_window(x, size)
    return _MeanPool.apply(x, size)
