"""How far down a quadratic so many steps can lead, for optimisers of random quadratics to be measured by.

Sizes in shapes: P problems, R rows and D columns of a matrix, C curvatures.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.optim.problems import Problems

_SMALLEST = torch.logspace(-7, -0.1, 70, dtype=torch.double)
"""What the smallest curvature may be, as a share of the largest."""


def chebyshev_loss(problems: Problems, *, steps: int) -> Float[Tensor, " P"]:
    r"""Final losses of Chebyshev's iteration on quadratics ``|W theta - y|^2``, told each problem's curvatures.

    No choice of learning rates and momenta, one of each a step, shrinks the errors of all curvatures between two bounds by more.
    Here the upper bound is each problem's own largest curvature, and the lower one whichever ends lowest, which nothing that sees
    gradients alone can know. What adapts to the single curvatures, as conjugate gradients do, can do better still.

    Args:
        problems: Of ``Quadratic``; in the units that they are given in.
        steps: Number of steps.

    References:
        Golub and Varga, "Chebyshev semi-iterative methods, successive overrelaxation iterative methods, and second order Richardson
        iterative methods", Numerische Mathematik 1961.
    """
    weight, target = (each.double() for each in problems.fixed)
    residual = (weight @ (problems.scale * problems.start).double()[..., None])[..., 0] - target
    left, singular, _ = torch.linalg.svd(weight)
    mode = (residual[:, None] @ left)[:, 0]  # gradient steps shrink each of these by itself
    curvature = torch.zeros_like(mode)
    curvature[:, : singular.shape[1]] = singular.square()
    largest = curvature.amax(1, keepdim=True)
    losses = [(mode * _shrunk(curvature / largest, float(share), steps)).square().sum(1) for share in _SMALLEST]
    return torch.stack(losses).amin(0).float()


def _shrunk(curvature: Float[Tensor, "P C"], smallest: float, steps: int) -> Float[Tensor, "P C"]:
    """What is left of an error along curvatures in [0, 1], those above the smallest being meant: a quotient of Chebyshev polynomials."""
    place = (1 + smallest - 2 * curvature) / (1 - smallest)
    outside = _log_cosh(steps * torch.acosh(place.clamp(min=1)))
    whole = _log_cosh(torch.tensor(steps * math.acosh((1 + smallest) / (1 - smallest)), dtype=torch.double))
    inside = torch.cos(steps * torch.acos(place.clamp(-1, 1)))
    return torch.where(place > 1, (outside - whole).exp(), inside * (-whole).exp())


def _log_cosh(x: Tensor) -> Tensor:
    return x + torch.log1p(torch.exp(-2 * x)) - math.log(2)
