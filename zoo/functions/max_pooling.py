"""Max pooling over s x s windows that do not overlap.

Sizes in shapes: B batch, C maps, H and W height and width, s window and stride.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function
from zoo.functions.shapes import check_window


class _MaxPool(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, size: int) -> tuple[Tensor, Tensor]:
        return F.max_pool2d(x, size, return_indices=True)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, int], output: tuple[Tensor, Tensor]) -> None:
        x, _ = inputs
        _, winner = output
        ctx.mark_non_differentiable(winner)
        ctx.save_for_backward(winner)
        ctx.shape = x.shape

    @staticmethod
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor, None]:
        (winner,) = ctx.saved_tensors
        # Windows do not overlap, so that no two of them write to the same place.
        flat = grad.new_zeros(ctx.shape).flatten(-2)
        return flat.scatter(-1, winner.flatten(-2), grad.flatten(-2)).view(ctx.shape), None


def max_pool_native(x: Float[Tensor, "B C H W"], *, size: int = 2) -> Float[Tensor, "B C H//{size} W//{size}"]:
    """The native twin."""
    check_window(x, size)
    return F.max_pool2d(x, size)


@register_function(
    formula="(14)",
    native=max_pool_native,
    example=lambda draw: (draw(2, 3, 4, 6),),
    extremes={
        "sides that are no multiple of the window": lambda draw: (draw(2, 3, 5, 7),),
        "window as large as the image": lambda draw: (draw(2, 3, 2, 2),),
        "all-equal windows": lambda draw: (torch.ones_like(draw(2, 3, 4, 4)).requires_grad_(),),
        "minus infinity": lambda draw: (torch.full_like(draw(2, 3, 4, 4), -torch.inf).requires_grad_(),),
        "batch of one": lambda draw: (draw(1, 1, 4, 4),),
        "empty batch": lambda draw: (draw(0, 3, 4, 6),),
    },
    workload=lambda draw: (draw(256, 6, 28, 28),),
)
def max_pool(x: Float[Tensor, "B C H W"], *, size: int = 2) -> Float[Tensor, "B C H//{size} W//{size}"]:
    r"""Largest value of each window: :math:`Y_R = \max_{i \in R} X_i`; the gradient goes to where it stood.

    Of equal values the first one, row by row, gets the whole gradient, as in ``F.max_pool2d``. Other libraries share it
    out or take the last. Rows and columns that fill no whole window are dropped.

    Args:
        x: Feature maps.
        size: Side of the square window, and the stride.

    Returns:
        Maps of ``H // size`` by ``W // size``.

    Raises:
        ZooError: The window is larger than the image.

    References:
        Slide D0:1127. Its up-sampling for this case, slide D0:1113, is undefined (erratum E23). Gradient: MATHS.md (14).
    """
    if is_native():
        return max_pool_native(x, size=size)
    check_window(x, size)
    largest, _ = _MaxPool.apply(x, size)
    return largest
