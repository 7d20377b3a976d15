"""Squared error of a matrix factorization.

Sizes in shapes: M rows, N columns, R rank.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _FactorizationError(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(target: Tensor, basis: Tensor, coefficient: Tensor) -> Tensor:
        return (basis @ coefficient - target).square().sum()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        target, basis, coefficient = ctx.saved_tensors
        by_product = 2 * grad * (basis @ coefficient - target)
        return -by_product if ctx.needs_input_grad[0] else None, by_product @ coefficient.mT, basis.mT @ by_product


def factorization_error_native(
    target: Float[Tensor, "M N"], basis: Float[Tensor, "M R"], coefficient: Float[Tensor, "R N"]
) -> Float[Tensor, ""]:
    """The native twin."""
    return torch.nn.functional.mse_loss(basis @ coefficient, target, reduction="sum")


@register_function(
    formula="(26)",
    native=factorization_error_native,
    example=lambda draw: (draw(4, 5), draw(4, 2), draw(2, 5)),
    extremes={
        "rank one": lambda draw: (draw(4, 5), draw(4, 1), draw(1, 5)),
        "one number": lambda draw: (draw(1, 1), draw(1, 1), draw(1, 1)),
        "no columns": lambda draw: (draw(4, 0), draw(4, 2), draw(2, 0)),
    },
)
def factorization_error(target: Float[Tensor, "M N"], basis: Float[Tensor, "M R"], coefficient: Float[Tensor, "R N"]) -> Float[Tensor, ""]:
    r"""Squared Frobenius norm of what the factors miss, :math:`\|X - AS\|_F^2`.

    Args:
        target: The matrix ``X``.
        basis: The factor ``A``.
        coefficient: The factor ``S``.

    References:
        Slide D0:1431 (erratum E49: it writes the spectral norm). Gradient: MATHS.md (26).
    """
    return (factorization_error_native if is_native() else _FactorizationError.apply)(target, basis, coefficient)
