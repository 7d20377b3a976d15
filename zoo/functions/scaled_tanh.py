"""Scaled hyperbolic tangent, the squashing function of LeNet-5."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function

AMPLITUDE = 1.7159
SLOPE = 2.0 / 3.0


class _ScaledTanh(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        # One fresh tensor: at LeNet's sizes page faults cost as much as the arithmetic.
        return torch.mul(x, SLOPE).tanh_().mul_(AMPLITUDE)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (y,) = ctx.saved_tensors
        return scaled_tanh_delta(grad, y)


def scaled_tanh_delta(grad: Float[Tensor, "*shape"], y: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Take a gradient back through the squashing whose output was ``y``: ``g S (A - y^2 / A)``, MATHS.md (2)."""
    # Rounded, y can lie above A, most of all in half precision: without the cut the slope would be negative there.
    return grad * y.square().mul_(-SLOPE / AMPLITUDE).add_(SLOPE * AMPLITUDE).relu_()


def scaled_tanh_native(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The native twin: the same value, differentiated by autograd."""
    return AMPLITUDE * torch.tanh(SLOPE * x)


@register_function(
    formula="(2)",
    native=scaled_tanh_native,
    example=lambda draw: (draw(5, 7),),
    extremes={"saturated": lambda draw: (draw.saturated(5, 7),), "empty batch": lambda draw: (draw(0, 3),)},
    workload=lambda draw: (draw(256, 6, 28, 28),),
)
def scaled_tanh(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    r"""Squash ``x`` by :math:`A \tanh(S x)`, with ``A = 1.7159`` and ``S = 2/3``.

    The constants make ``f(1) = 1``, which keeps targets of +-1 off the flat tails.

    Args:
        x: Pre-activations, of any shape.

    Returns:
        Activations in ``[-A, A]``; same shape and dtype.

    References:
        LeCun et al., "Gradient-Based Learning Applied to Document Recognition",
        Proc. IEEE 1998, appendix A. Derivative: MATHS.md (2).
    """
    return scaled_tanh_native(x) if is_native() else _ScaledTanh.apply(x)
