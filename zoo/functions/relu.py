"""The rectified linear unit."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _ReLU(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.relu(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (y,) = ctx.saved_tensors
        return relu_delta(grad, y)


def relu_delta(grad: Float[Tensor, "*shape"], y: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Take a gradient back through the rectifier whose output was ``y``: ``g 1[y > 0]``, MATHS.md (3)."""
    # Not a product: at a dead unit an infinite gradient would become NaN. One pass, where a mask and a fill are two.
    return torch.ops.aten.threshold_backward(grad, y, 0)


def relu_native(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The native twin."""
    return torch.relu(x)


@register_function(
    formula="(3)",
    native=relu_native,
    example=lambda draw: (draw(5, 7),),
    extremes={
        "at the kink": lambda draw: (torch.zeros_like(draw(5, 7)).requires_grad_(),),
        "far out": lambda draw: (draw.saturated(5, 7),),
        "batch of one": lambda draw: (draw(1, 1),),
        "empty batch": lambda draw: (draw(0, 3),),
    },
)
def relu(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    r"""Cut ``x`` off below zero: :math:`\max(0, x)`, with the subgradient 0 at 0.

    Args:
        x: Pre-activations, of any shape.

    Returns:
        Activations of zero or more; same shape and dtype.

    References:
        Slide D0:808-811. Derivative: MATHS.md (3).
    """
    return relu_native(x) if is_native() else _ReLU.apply(x)
