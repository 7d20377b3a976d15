r"""Points with gaps, each a sparse combination of the others: two convex problems in turn.

Sizes in shapes: N points, D dimensions. With the points :math:`y_i` in the rows of :math:`Y`, both lower

.. math:: \tfrac12 \|Y - C Y\|_F^2 + \lambda \sum_{ij} |c_{ij}| \, \|y_j\|, \qquad c_{ii} = 0,

where entries of :math:`Y` that are known stay as they are. The penalty is the norm of the lifted group
:math:`c_{ij} y_j` (Elhamifar 2016, section 3) under its rank-one constraint: without the factor :math:`\|y_j\|` a point
could make itself cheap to use by large values in its gaps.

References:
    Elhamifar, "High-Rank Matrix Completion and Clustering under Self-Expressive Models", NIPS 2016. Slide D0:1453.
    Given C, least squares: MATHS.md (34). Given Y, a lasso: Beck and Teboulle, "A fast iterative shrinkage-thresholding
    algorithm for linear inverse problems", SIAM J. Imaging Sciences 2009.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

_GRADIENT_STEPS = 20  # in C, warm-started: more would be lost when Y changes
_CONJUGATE_STEPS = 10  # in Y


def penalties(first: float, last: float, steps: int) -> Float[Tensor, " steps"]:
    """The penalties of a completion, from the few combinations that are sure to the many that are exact."""
    return torch.logspace(math.log10(first), math.log10(last), steps)


def alternate(
    points: Float[Tensor, "N D"], coefficient: Float[Tensor, "N N"], missing: Bool[Tensor, "N D"], *, penalty: float
) -> tuple[Float[Tensor, "N D"], Float[Tensor, "N N"]]:
    """Better combinations of the points, then better values in their gaps."""
    coefficient = express(points, coefficient, penalty=penalty)
    return complete(points, coefficient, missing, penalty=penalty), coefficient


def express(
    points: Float[Tensor, "N D"], coefficient: Float[Tensor, "N N"], *, penalty: float, steps: int = _GRADIENT_STEPS
) -> Float[Tensor, "N N"]:
    """Lower the objective in C by accelerated proximal gradient steps.

    Args:
        points: ``Y``.
        coefficient: Where to begin.
        penalty: For points of norm 1, the cosine below which two of them have nothing to do with each other.
        steps: Gradient steps.
    """
    curvature = torch.linalg.matrix_norm(points, 2).square()
    threshold = penalty / curvature * points.norm(dim=1)
    ahead, momentum = coefficient, 1.0
    for _ in range(steps):
        moved = ahead - (ahead @ points - points) @ points.mT / curvature
        shrunk = (moved - moved.clamp(-threshold, threshold)).fill_diagonal_(0)
        grown = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        ahead = shrunk + (momentum - 1) / grown * (shrunk - coefficient)
        coefficient, momentum = shrunk, grown
    return coefficient


def complete(
    points: Float[Tensor, "N D"], coefficient: Float[Tensor, "N N"], missing: Bool[Tensor, "N D"], *, penalty: float
) -> Float[Tensor, "N D"]:
    """Lower the objective in the gaps of Y by conjugate gradients.

    The penalty's norms are replaced by parabolas that touch them from above, so that what is left is least squares.
    """
    residue = torch.eye(len(points), dtype=points.dtype, device=points.device) - coefficient
    use = penalty * coefficient.abs().sum(0) / points.norm(dim=1).clamp(min=torch.finfo(points.dtype).tiny)

    def slope(y: Tensor) -> Tensor:
        return (residue.mT @ (residue @ y) + use[:, None] * y) * missing

    left = -slope(points)
    direction, square = left, left.square().sum()
    for _ in range(_CONJUGATE_STEPS):
        bent = slope(direction)
        stride = square / (direction * bent).sum().clamp(min=torch.finfo(points.dtype).tiny)  # both are 0 where all is done
        points, left = points + stride * direction, left - stride * bent
        before, square = square, left.square().sum()
        direction = left + square / before.clamp(min=torch.finfo(points.dtype).tiny) * direction
    return points


def objective(points: Float[Tensor, "N D"], coefficient: Float[Tensor, "N N"], *, penalty: float) -> Float[Tensor, ""]:
    """What both steps lower."""
    fit = (points - coefficient @ points).square().sum() / 2
    return fit + penalty * (coefficient.abs() @ points.norm(dim=1)).sum()


def residual(points: Float[Tensor, "N D"], coefficient: Float[Tensor, "N N"]) -> Float[Tensor, ""]:
    """The part of the points that the others do not express, as a share of their norm."""
    return (points - coefficient @ points).norm() / points.norm()
