"""The hyperbolic tangent."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _Tanh(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.tanh(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (y,) = ctx.saved_tensors
        return tanh_delta(grad, y)


def tanh_delta(grad: Float[Tensor, "*shape"], y: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Take a gradient back through the tangent whose output was ``y``: ``g (1 - y^2)``, MATHS.md (2)."""
    return torch.addcmul(grad, grad * y, y, value=-1)


def tanh_native(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The native twin."""
    return torch.tanh(x)


@register_function(
    formula="(2)",
    native=tanh_native,
    example=lambda draw: (draw(5, 7),),
    extremes={
        "saturated": lambda draw: (draw.saturated(5, 7),),
        "batch of one": lambda draw: (draw(1, 1),),
        "empty batch": lambda draw: (draw(0, 3),),
    },
)
def tanh(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    r"""Squash ``x`` by :math:`\tanh(x) = (e^x - e^{-x}) / (e^x + e^{-x})`.

    Args:
        x: Pre-activations, of any shape.

    Returns:
        Activations in [-1, 1]; same shape and dtype.

    References:
        Slides D0:804-806 and D3:97-100. Derivative: MATHS.md (2).
    """
    return tanh_native(x) if is_native() else _Tanh.apply(x)
