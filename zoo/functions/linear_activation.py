"""A layer of neurons in one step: linear map and activation, of which only the output is kept.

Sizes in shapes: I inputs, O outputs; any number of batch axes before them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.linear import linear_gradients
from zoo.functions.native import is_native
from zoo.functions.registry import Example, register_function
from zoo.functions.relu import relu_delta, relu_native
from zoo.functions.scaled_tanh import scaled_tanh_delta, scaled_tanh_native
from zoo.functions.sigmoid import sigmoid_delta, sigmoid_native
from zoo.functions.tanh import tanh_delta, tanh_native


class _Activation(NamedTuple):
    squash: Callable[[Tensor], Tensor]
    delta: Callable[[Tensor, Tensor], Tensor]
    """Gradient of the pre-activation, from that of the output and the output."""


_ACTIVATIONS = {
    "sigmoid": _Activation(sigmoid_native, sigmoid_delta),
    "tanh": _Activation(tanh_native, tanh_delta),
    "scaled-tanh": _Activation(scaled_tanh_native, scaled_tanh_delta),
    "relu": _Activation(relu_native, relu_delta),
}


class _LinearActivation(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor | None, activation: str) -> Tensor:
        return _ACTIVATIONS[activation].squash(F.linear(x, weight, bias))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor | None, str], output: Tensor) -> None:
        x, weight, _, ctx.activation = inputs
        ctx.save_for_backward(x, weight, output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        x, weight, y = ctx.saved_tensors
        delta = _ACTIVATIONS[ctx.activation].delta(grad, y)
        return *linear_gradients(delta, x, weight, needs=ctx.needs_input_grad[:3]), None


def _check(activation: str) -> None:
    if activation not in _ACTIVATIONS:
        raise ZooError(f"there is no activation {activation!r}; there are {', '.join(_ACTIVATIONS)}")


def _saturated(activation: str) -> Example:
    return lambda draw: (draw.saturated(4, 3), draw(5, 3), draw(5), activation)


def linear_activation_native(
    x: Float[Tensor, "*batch I"], weight: Float[Tensor, "O I"], bias: Float[Tensor, " O"] | None, activation: str
) -> Float[Tensor, "*batch O"]:
    """The native twin: one operator after the other."""
    _check(activation)
    return _ACTIVATIONS[activation].squash(F.linear(x, weight, bias))


@register_function(
    formula="(8)",
    native=linear_activation_native,
    example=lambda draw: (draw(4, 3), draw(5, 3), draw(5), "sigmoid"),
    extremes={
        **{f"saturated {name}": _saturated(name) for name in _ACTIVATIONS},
        "without bias": lambda draw: (draw(4, 3), draw(5, 3), None, "tanh"),
        "no batch axis": lambda draw: (draw(3), draw(5, 3), draw(5), "tanh"),
        "batch of one": lambda draw: (draw(1, 3), draw(5, 3), draw(5), "relu"),
        "empty batch": lambda draw: (draw(0, 3), draw(5, 3), draw(5), "scaled-tanh"),
    },
)
def linear_activation(
    x: Float[Tensor, "*batch I"], weight: Float[Tensor, "O I"], bias: Float[Tensor, " O"] | None, activation: str
) -> Float[Tensor, "*batch O"]:
    r"""Linear map and activation in one step: :math:`a = f(W x + b)`.

    Every one of these activations has a derivative that its output tells, so the pre-activation is not kept.

    Args:
        x: Activations of the layer below.
        weight: ``W[out, in]``.
        bias: One a neuron, or None.
        activation: ``sigmoid``, ``tanh``, ``scaled-tanh`` or ``relu``.

    Returns:
        Activations of the layer.

    Raises:
        ZooError: There is no such activation.

    References:
        Slides D0:917-948 and D1:346-370: ``delta = f'(z) * (W^T delta)`` (errata E5, E6). Gradient: MATHS.md (8).
    """
    _check(activation)
    return linear_activation_native(x, weight, bias, activation) if is_native() else _LinearActivation.apply(x, weight, bias, activation)
