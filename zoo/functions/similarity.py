"""The generalized similarity measure between vectors of two domains, and its hinge loss.

Sizes in shapes: B and D batches of the two domains, X and Y their features, R the rank of a factor
(R_b of L_B, R_c of L_C^x and L_C^y).
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _QuadraticForm(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, factor: Tensor, linear: Tensor) -> Tensor:
        return (x @ factor.mT).square().sum(-1) + 2 * x @ linear

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, factor, linear = (saved.to(grad.dtype) for saved in ctx.saved_tensors)  # autocast mixes dtypes
        twice = 2 * grad[..., None]
        by_projection = twice * (x @ factor.mT)
        return by_projection @ factor + twice * linear, by_projection.mT @ x, (twice * x).sum(-2)


def quadratic_form_native(x: Float[Tensor, "B X"], factor: Float[Tensor, "R X"], linear: Float[Tensor, " X"]) -> Float[Tensor, " B"]:
    """The native twin."""
    return torch.nn.functional.linear(x, factor).square().sum(-1) + 2 * (x * linear).sum(-1)


@register_function(
    formula="Generalized similarity",
    native=quadratic_form_native,
    example=lambda draw: (draw(4, 3), draw(2, 3), draw(3)),
    extremes={
        "batch of one": lambda draw: (draw(1, 3), draw(2, 3), draw(3)),
        "empty batch": lambda draw: (draw(0, 3), draw(2, 3), draw(3)),
        "zero factor": lambda draw: (draw(4, 3), torch.zeros_like(draw(2, 3), requires_grad=True), draw(3)),
    },
)
def quadratic_form(x: Float[Tensor, "B X"], factor: Float[Tensor, "R X"], linear: Float[Tensor, " X"]) -> Float[Tensor, " B"]:
    r"""One domain's own part of the measure, :math:`\|L x\|^2 + 2 d^T x`.

    Args:
        x: Features.
        factor: The factor ``L`` of the positive semidefinite matrix ``L^T L``.
        linear: The vector ``d``.

    References:
        Lin et al., "Cross-Domain Visual Matching via Generalized Similarity Measure and Feature Learning", 2016
        (slide D0:1463). Slide D0:1485. Gradient: MATHS.md "Generalized similarity".
    """
    return (quadratic_form_native if is_native() else _QuadraticForm.apply)(x, factor, linear)


class _CrossForm(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, y: Tensor, x_factor: Tensor, y_factor: Tensor) -> Tensor:
        return ((x @ x_factor.mT) * (y @ y_factor.mT)).sum(-1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        x, y, x_factor, y_factor = (saved.to(grad.dtype) for saved in ctx.saved_tensors)  # autocast mixes dtypes
        by_x = grad[..., None] * (y @ y_factor.mT)
        by_y = grad[..., None] * (x @ x_factor.mT)
        return by_x @ x_factor, by_y @ y_factor, by_x.mT @ x, by_y.mT @ y


def cross_form_native(
    x: Float[Tensor, "B X"], y: Float[Tensor, "B Y"], x_factor: Float[Tensor, "R X"], y_factor: Float[Tensor, "R Y"]
) -> Float[Tensor, " B"]:
    """The native twin."""
    return torch.einsum("...x,rx,ry,...y->...", x, x_factor, y_factor, y)


@register_function(
    formula="Generalized similarity",
    native=cross_form_native,
    example=lambda draw: (draw(4, 3), draw(4, 5), draw(2, 3), draw(2, 5)),
    extremes={
        "batch of one": lambda draw: (draw(1, 3), draw(1, 5), draw(2, 3), draw(2, 5)),
        "empty batch": lambda draw: (draw(0, 3), draw(0, 5), draw(2, 3), draw(2, 5)),
    },
)
def cross_form(
    x: Float[Tensor, "B X"], y: Float[Tensor, "B Y"], x_factor: Float[Tensor, "R X"], y_factor: Float[Tensor, "R Y"]
) -> Float[Tensor, " B"]:
    r"""What each pair has in common, :math:`(L_x x_i)^T (L_y y_i)`.

    Args:
        x: Features of the first domain.
        y: Features of the second.
        x_factor: The factor ``L_C^x``.
        y_factor: The factor ``L_C^y``.

    References:
        Slide D0:1485 (erratum E48: it has the first factor twice). Gradient: MATHS.md "Generalized similarity".
    """
    return (cross_form_native if is_native() else _CrossForm.apply)(x, y, x_factor, y_factor)


class _CrossTable(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, y: Tensor, x_factor: Tensor, y_factor: Tensor) -> Tensor:
        return (x @ x_factor.mT) @ (y @ y_factor.mT).mT

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        x, y, x_factor, y_factor = (saved.to(grad.dtype) for saved in ctx.saved_tensors)  # autocast mixes dtypes
        by_x = grad @ (y @ y_factor.mT)
        by_y = grad.mT @ (x @ x_factor.mT)
        return by_x @ x_factor, by_y @ y_factor, by_x.mT @ x, by_y.mT @ y


def cross_table_native(
    x: Float[Tensor, "B X"], y: Float[Tensor, "D Y"], x_factor: Float[Tensor, "R X"], y_factor: Float[Tensor, "R Y"]
) -> Float[Tensor, "B D"]:
    """The native twin."""
    return torch.einsum("bx,rx,ry,dy->bd", x, x_factor, y_factor, y)


@register_function(
    formula="Generalized similarity",
    native=cross_table_native,
    example=lambda draw: (draw(4, 3), draw(2, 5), draw(2, 3), draw(2, 5)),
    extremes={
        "one against one": lambda draw: (draw(1, 3), draw(1, 5), draw(2, 3), draw(2, 5)),
        "nothing to compare with": lambda draw: (draw(4, 3), draw(0, 5), draw(2, 3), draw(2, 5)),
    },
)
def cross_table(
    x: Float[Tensor, "B X"], y: Float[Tensor, "D Y"], x_factor: Float[Tensor, "R X"], y_factor: Float[Tensor, "R Y"]
) -> Float[Tensor, "B D"]:
    r"""``cross_form`` of every ``x`` with every ``y``, by matrix products.

    The factors are applied once an example and not once a pair, so the gradient is that of the paper's sample-based
    training: the sum of the pairs' gradients.

    References:
        Lin et al. 2016. Gradient: MATHS.md "Generalized similarity".
    """
    return (cross_table_native if is_native() else _CrossTable.apply)(x, y, x_factor, y_factor)


class Measure(NamedTuple):
    """The parameters of the measure: ``A = L_A^T L_A``, ``B = L_B^T L_B``, ``C = -L_C^xT L_C^y``, ``d``, ``e``, ``f``."""

    a: Float[Tensor, "R X"]
    b: Float[Tensor, "R_b Y"]
    c_x: Float[Tensor, "R_c X"]
    c_y: Float[Tensor, "R_c Y"]
    d: Float[Tensor, " X"]
    e: Float[Tensor, " Y"]
    f: Float[Tensor, ""]


def generalized_similarity(x: Float[Tensor, "B X"], y: Float[Tensor, "B Y"], measure: Measure) -> Float[Tensor, " B"]:
    r"""The measure for each pair: :math:`\|L_A x\|^2 + \|L_B y\|^2 + 2 d^T x - 2 (L_C^x x)^T L_C^y y + 2 e^T y + f`.

    In spite of its name a distance: small where the two belong together. Euclidean and Mahalanobis distances and
    bilinear similarities are special cases.

    Args:
        x: Features of the first domain.
        y: Features of the second, one for each of the first.
        measure: The parameters.

    References:
        Lin et al. 2016. Slides D0:1457-1485, erratum E48.
    """
    own = quadratic_form(x, measure.a, measure.d) + quadratic_form(y, measure.b, measure.e)
    return own - 2 * cross_form(x, y, measure.c_x, measure.c_y) + measure.f


def generalized_similarities(x: Float[Tensor, "B X"], y: Float[Tensor, "D Y"], measure: Measure) -> Float[Tensor, "B D"]:
    """``generalized_similarity`` of every ``x`` with every ``y``."""
    own = quadratic_form(x, measure.a, measure.d)[:, None] + quadratic_form(y, measure.b, measure.e)
    return own - 2 * cross_table(x, y, measure.c_x, measure.c_y) + measure.f
