"""Hinge loss of pairs that belong together or do not.

Sizes in shapes: *pairs any shape.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _Hinge(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(distance: Tensor, sign: Tensor) -> Tensor:
        return (1 - sign * distance).clamp(min=0)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        _, sign = inputs
        ctx.save_for_backward(output, sign)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        loss, sign = ctx.saved_tensors
        return -grad * sign * (loss > 0), None


def hinge_native(distance: Float[Tensor, "*pairs"], sign: Float[Tensor, "*pairs"]) -> Float[Tensor, "*pairs"]:
    """The native twin."""
    return torch.relu(1 - sign.detach() * distance)


@register_function(
    formula="Generalized similarity",
    native=hinge_native,
    example=lambda draw: (draw(4, 3), 2 * draw.binary(4, 3) - 1),
    extremes={
        "no pairs": lambda draw: (draw(0), draw.binary(0)),
        "on the margin": lambda draw: (torch.ones_like(draw(3), requires_grad=True), torch.ones_like(draw.constant(3))),
    },
)
def hinge(distance: Float[Tensor, "*pairs"], sign: Float[Tensor, "*pairs"]) -> Float[Tensor, "*pairs"]:
    r"""Ask for distances of at most -1 or at least 1: :math:`\max(0, 1 - \ell S)`; its gradient at the margin is 0.

    Args:
        distance: The measure ``S`` of each pair.
        sign: The label: -1 where the two belong together, 1 where they do not.

    Returns:
        The loss of each pair; the paper sums them.

    References:
        Lin et al., "Cross-Domain Visual Matching via Generalized Similarity Measure and Feature Learning", 2016
        (slide D0:1463). Gradient: MATHS.md "Generalized similarity".
    """
    return (hinge_native if is_native() else _Hinge.apply)(distance, sign)
