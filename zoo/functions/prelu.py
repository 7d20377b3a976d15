"""The rectified linear unit with a slope below zero that is learnt, one a map.

Sizes in shapes: B batch, C maps.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function
from zoo.functions.relu import relu_delta


class _PReLU(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, slope: Tensor) -> Tensor:
        return prelu_native(x, slope)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        x, slope = ctx.saved_tensors
        # A difference and a sum with exact zeros, quicker than a choice element by element. An infinite gradient becomes NaN, no
        # less a sign that a training has failed.
        above = relu_delta(grad, x)
        below = grad - above
        axes = [axis for axis in range(x.dim()) if axis != 1]
        by_map = slope.to(grad.dtype).view(-1, *[1] * (x.dim() - 2))
        return above + by_map * below, (below * x).sum(axes, dtype=slope.dtype)


def prelu_native(x: Float[Tensor, "B C *shape"], slope: Float[Tensor, " C"]) -> Float[Tensor, "B C *shape"]:
    """The native twin."""
    return torch.prelu(x, slope.to(x.dtype))  # autocast mixes dtypes


@register_function(
    formula="(3)",
    native=prelu_native,
    example=lambda draw: (draw(4, 3, 2, 5), draw(3)),
    extremes={
        "at the kink": lambda draw: (torch.zeros_like(draw(4, 3)).requires_grad_(), draw(3)),
        "slope of zero": lambda draw: (draw(4, 3, 2), torch.zeros_like(draw(3)).requires_grad_()),
        "far out": lambda draw: (draw.saturated(4, 3), draw(3)),
        "one map": lambda draw: (draw(4, 1, 3), draw(1)),
        "batch of one": lambda draw: (draw(1, 3), draw(3)),
        "empty batch": lambda draw: (draw(0, 3), draw(3)),
    },
    workload=lambda draw: (draw(128, 32, 28, 28), draw(32)),
)
def prelu(x: Float[Tensor, "B C *shape"], slope: Float[Tensor, " C"]) -> Float[Tensor, "B C *shape"]:
    r"""Multiply what lies below zero by its map's slope: :math:`\max(0, x) + a_c \min(0, x)`, with the derivative ``a`` at 0.

    Args:
        x: Pre-activations.
        slope: The slope ``a`` of each map; ReLU has 0.

    Returns:
        Activations; same shape and dtype.

    References:
        He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", ICCV 2015, equations 1 and 3. Derivative: MATHS.md (3).
    """
    return (prelu_native if is_native() else _PReLU.apply)(x, slope)
