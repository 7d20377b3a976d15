"""The linear map of a layer of neurons.

Sizes in shapes: I inputs, O outputs; any number of batch axes before them.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function

LinearGradients = tuple[Tensor | None, Tensor | None, Tensor | None]


class _Linear(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return F.linear(x, weight, bias)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor | None], output: Tensor) -> None:
        x, weight, _ = inputs
        ctx.save_for_backward(x, weight)

    @staticmethod
    def backward(ctx: Any, delta: Tensor) -> LinearGradients:
        x, weight = ctx.saved_tensors
        return linear_gradients(delta, x, weight, needs=ctx.needs_input_grad)


def linear_gradients(
    delta: Float[Tensor, "*batch O"], x: Float[Tensor, "*batch I"], weight: Float[Tensor, "O I"], *, needs: tuple[bool, ...]
) -> LinearGradients:
    """Gradients of input, weight and bias, those that are needed: MATHS.md (7)."""
    x, weight = x.to(delta.dtype), weight.to(delta.dtype)  # autocast ran the forward pass in delta's dtype
    needs_x, needs_weight, needs_bias = needs
    rows = torch.atleast_2d(delta).flatten(0, -2)
    grad_x = delta @ weight if needs_x else None
    grad_weight = rows.T @ torch.atleast_2d(x).flatten(0, -2) if needs_weight else None
    return grad_x, grad_weight, rows.sum(0) if needs_bias else None


def linear_native(
    x: Float[Tensor, "*batch I"], weight: Float[Tensor, "O I"], bias: Float[Tensor, " O"] | None = None
) -> Float[Tensor, "*batch O"]:
    """The native twin."""
    return F.linear(x, weight, bias)


@register_function(
    formula="(7)",
    native=linear_native,
    example=lambda draw: (draw(4, 3), draw(5, 3), draw(5)),
    extremes={
        "without bias": lambda draw: (draw(4, 3), draw(5, 3), None),
        "two batch axes": lambda draw: (draw(2, 4, 3), draw(5, 3), draw(5)),
        "no batch axis": lambda draw: (draw(3), draw(5, 3), draw(5)),
        "one input, one output": lambda draw: (draw(4, 1), draw(1, 1), draw(1)),
        "batch of one": lambda draw: (draw(1, 3), draw(5, 3), draw(5)),
        "empty batch": lambda draw: (draw(0, 3), draw(5, 3), draw(5)),
    },
    workload=lambda draw: (draw(256, 784), draw(1000, 784), draw(1000)),
)
def linear(
    x: Float[Tensor, "*batch I"], weight: Float[Tensor, "O I"], bias: Float[Tensor, " O"] | None = None
) -> Float[Tensor, "*batch O"]:
    r"""Weigh and add up: :math:`z = W a + b`, a row of ``W`` for each neuron of the layer.

    Args:
        x: Activations of the layer below.
        weight: ``W[out, in]``, kept at the layer that the connections lead to.
        bias: One a neuron, or None.

    Returns:
        Pre-activations.

    References:
        Slides D0:905-945 and D1:338-360 (errata E10, E13, E14). Gradient: MATHS.md (7).
    """
    return linear_native(x, weight, bias) if is_native() else _Linear.apply(x, weight, bias)
