"""Half the squared error, of linear and of sigmoid outputs.

Sizes in shapes: B batch, N outputs of an example, in any number of axes.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function
from zoo.functions.sigmoid import sigmoid_delta
from zoo.functions.targets import check_target, in_single_precision


class _LinearSquaredError(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(output: Tensor, target: Tensor) -> Tensor:
        return 0.5 * (output - target).square().sum() / len(output)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor | None]:
        output, target = ctx.saved_tensors
        delta = (output - target) * (grad / len(output))
        return delta, -delta if ctx.needs_input_grad[1] else None


class _SigmoidSquaredError(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(score: Tensor, target: Tensor) -> Tensor:
        return 0.5 * (torch.sigmoid(score) - target).square().sum() / len(score)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor | None]:
        score, target = ctx.saved_tensors
        out = torch.sigmoid(score)
        error = (out - target) * (grad / len(score))
        return sigmoid_delta(error, out), -error if ctx.needs_input_grad[1] else None


def linear_squared_error_native(output: Float[Tensor, "B *N"], target: Float[Tensor, "B *N"]) -> Float[Tensor, ""]:
    """The native twin."""
    check_target(output, target)
    return 0.5 * F.mse_loss(output, target, reduction="sum") / len(output)


@register_function(
    formula="(4)",
    native=linear_squared_error_native,
    example=lambda draw: (draw(4, 3), draw(4, 3)),
    extremes={
        "far off": lambda draw: (draw.saturated(4, 3), draw.constant(4, 3)),
        "one output, batch of one": lambda draw: (draw(1, 1), draw.constant(1, 1)),
        "empty batch": lambda draw: (draw(0, 3), draw.constant(0, 3)),
    },
)
def linear_squared_error(output: Float[Tensor, "B *N"], target: Float[Tensor, "B *N"]) -> Float[Tensor, ""]:
    r"""Half the squared error of outputs: :math:`\frac{1}{2B} \sum \lVert o - t \rVert^2`.

    Args:
        output: What the network says.
        target: What it should say.

    Returns:
        The sum over an example's outputs, averaged over the batch.

    Raises:
        ZooError: Outputs and targets differ in shape.

    References:
        Slides D3:248-250 (called "averaged" but without the 1/N: erratum E8), D4:985-987. Gradient: MATHS.md (4).
    """
    if is_native():
        return linear_squared_error_native(output, target)
    check_target(output, target)
    return in_single_precision(_LinearSquaredError.apply)(output, target)


def sigmoid_squared_error_native(score: Float[Tensor, "B *N"], target: Float[Tensor, "B *N"]) -> Float[Tensor, ""]:
    """The native twin."""
    return linear_squared_error_native(torch.sigmoid(score), target)


@register_function(
    formula="(4)",
    native=sigmoid_squared_error_native,
    example=lambda draw: (draw(4, 3), draw.probability(4, 3)),
    extremes={
        "saturated": lambda draw: (draw.saturated(4, 3), draw.binary(4, 3)),
        "one output, batch of one": lambda draw: (draw(1, 1), draw.binary(1, 1)),
        "empty batch": lambda draw: (draw(0, 3), draw.binary(0, 3)),
    },
)
def sigmoid_squared_error(score: Float[Tensor, "B *N"], target: Float[Tensor, "B *N"]) -> Float[Tensor, ""]:
    r"""Half the squared error of sigmoid outputs: :math:`\frac{1}{2B} \sum \lVert \sigma(z) - t \rVert^2`.

    An output that is far off and saturated has next to no gradient; cross-entropy does not have that fault.

    Args:
        score: Pre-activations of the output layer.
        target: What the outputs should be, in [0, 1].

    Returns:
        The sum over an example's outputs, averaged over the batch.

    Raises:
        ZooError: Scores and targets differ in shape.

    References:
        Slides D3:248-292, D1:346-370, D4:985-990 (``od = e .* o .* (1 - o)``; erratum E8). Gradient: MATHS.md (4).
    """
    if is_native():
        return sigmoid_squared_error_native(score, target)
    check_target(score, target)
    return in_single_precision(_SigmoidSquaredError.apply)(score, target)
