"""What a learned optimiser is trained on and what it sees: random quadratics, and gradients of any size.

Sizes in shapes: *tasks any leading axes, R rows of a quadratic, D parameters.
"""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _Quadratic(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(theta: Tensor, weight: Tensor, target: Tensor) -> Tensor:
        return _residual(theta, weight, target).square().sum(-1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor | None, Tensor]:
        theta, weight, target = ctx.saved_tensors
        by_residual = 2 * grad[..., None] * _residual(theta, weight, target)
        grad_theta = (by_residual[..., None, :] @ weight).squeeze(-2)
        grad_weight = by_residual[..., None] * theta[..., None, :] if ctx.needs_input_grad[1] else None
        return grad_theta, grad_weight, -by_residual


def _residual(theta: Tensor, weight: Tensor, target: Tensor) -> Tensor:
    return (weight @ theta[..., None]).squeeze(-1) - target


def quadratic_native(
    theta: Float[Tensor, "*tasks D"], weight: Float[Tensor, "*tasks R D"], target: Float[Tensor, "*tasks R"]
) -> Float[Tensor, "*tasks"]:
    """The native twin."""
    return (torch.einsum("...rd,...d->...r", weight, theta) - target).square().sum(-1)


@register_function(
    formula="(25)",
    native=quadratic_native,
    example=lambda draw: (draw(2, 3), draw(2, 4, 3), draw(2, 4)),
    extremes={
        "a single task": lambda draw: (draw(3), draw(4, 3), draw(4)),
        "no tasks": lambda draw: (draw(0, 3), draw(0, 4, 3), draw(0, 4)),
        "one parameter": lambda draw: (draw(2, 1), draw(2, 1, 1), draw(2, 1)),
    },
)
def quadratic(
    theta: Float[Tensor, "*tasks D"], weight: Float[Tensor, "*tasks R D"], target: Float[Tensor, "*tasks R"]
) -> Float[Tensor, "*tasks"]:
    r"""The task :math:`f(\theta) = \|W \theta - y\|^2`, one for each leading index.

    Args:
        theta: What the optimiser moves.
        weight: The matrix ``W``.
        target: The vector ``y``.

    References:
        Andrychowicz et al., "Learning to learn by gradient descent by gradient descent", 2016, section 3.1.
        Slide D0:1411. Gradient: MATHS.md (25).
    """
    return (quadratic_native if is_native() else _Quadratic.apply)(theta, weight, target)


def preprocess_gradient(gradient: Float[Tensor, "*shape"], *, p: float = 10.0) -> Float[Tensor, "*shape 2"]:
    r"""Split gradients into logarithm and sign, so that a network sees small and large ones alike.

    :math:`(\log|g| / p, \mathrm{sgn}\, g)` where :math:`|g| \ge e^{-p}`, else :math:`(-1, e^p g)`; both parts are
    continuous. Detach the gradient first: the paper leaves out what lies behind it.

    Args:
        gradient: Gradients of any size.
        p: Minus the logarithm (in nats) of the smallest gradient that counts as one; positive.

    References:
        Andrychowicz et al. 2016, appendix A. MATHS.md (25).
    """
    threshold = math.exp(-p)
    logarithm = gradient.abs().clamp(min=threshold).log() / p
    return torch.stack([logarithm, (gradient / threshold).clamp(-1, 1)], -1)
