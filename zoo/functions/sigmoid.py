"""The logistic sigmoid."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _Sigmoid(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.sigmoid(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (y,) = ctx.saved_tensors
        return sigmoid_delta(grad, y)


def sigmoid_delta(grad: Float[Tensor, "*shape"], y: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Take a gradient back through the sigmoid whose output was ``y``: ``g y (1 - y)``, MATHS.md (1)."""
    share = grad * y
    return torch.addcmul(share, share, y, value=-1)


def sigmoid_native(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The native twin."""
    return torch.sigmoid(x)


@register_function(
    formula="(1)",
    native=sigmoid_native,
    example=lambda draw: (draw(5, 7),),
    extremes={
        "saturated": lambda draw: (draw.saturated(5, 7),),
        "batch of one": lambda draw: (draw(1, 1),),
        "empty batch": lambda draw: (draw(0, 3),),
    },
    workload=lambda draw: (draw(256, 500),),
)
def sigmoid(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    r"""Squash ``x`` by :math:`\sigma(x) = 1 / (1 + e^{-x})`.

    Args:
        x: Pre-activations, of any shape.

    Returns:
        Activations in [0, 1]; same shape and dtype.

    References:
        Slides D0:795-797 and D3:82-88. Derivative: MATHS.md (1).
    """
    return sigmoid_native(x) if is_native() else _Sigmoid.apply(x)
