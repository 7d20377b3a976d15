"""Completion by a matrix of small nuclear norm: what a low rank alone can tell.

Sizes in shapes: N points, D dimensions.
"""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.errors import check_range
from zoo.estimators.base import CompletionEstimator
from zoo.estimators.incomplete import Incomplete, Mask, Matrix, check_whole
from zoo.estimators.report import Convergence

_TOLERANCE = 1e-5  # change of the points at which the next penalty's turn has come


def soft_impute(data: Incomplete, *, penalty: float, steps: int, iterations: int) -> tuple[Float[Tensor, "N D"], Convergence]:
    """Shrink the singular values and put the known entries back, in turn, along a path of falling penalties.

    Args:
        data: What is known.
        penalty: The last, as a share of the largest singular value; where nothing is noise, small is exact.
        steps: Penalties on the path.
        iterations: At most, for each.
    """
    points, largest = data.points, float(torch.linalg.matrix_norm(data.points, 2))
    count, size, change, low = 0, points.norm(), torch.zeros(()), points
    for threshold in (largest * torch.logspace(0, math.log10(penalty), steps)).tolist():
        for _ in range(iterations):
            left, value, right = torch.linalg.svd(points, full_matrices=False)
            value = (value - threshold).relu()
            low = left * value @ right
            filled = torch.where(data.observed, data.points, low)
            change, points, count = (filled - points).norm() / size, filled, count + 1
            if change < _TOLERANCE:
                break
    miss = data.observed * (data.points - low)
    goal = miss.square().sum() / 2 + threshold * value.sum()
    return points, Convergence(count, float(goal), float(miss.norm() / size), float(change))


class SoftImpute(CompletionEstimator):
    """Fills the gaps of a matrix by one of small nuclear norm.

    It nearly agrees with what is known; as the penalty vanishes it becomes the one of least nuclear norm that agrees.

    Args:
        penalty: The last, as a share of the largest singular value.
        steps: Penalties on the path that leads there.
        max_iter: Iterations at most for each of them.
        device: Where to compute, as torch names it.

    Attributes:
        completed_: The points with their gaps filled, ``(N, D)``; known entries are untouched.
        convergence_: How the iterations ended.

    References:
        Mazumder, Hastie and Tibshirani, "Spectral regularization algorithms for learning large incomplete matrices",
        JMLR 2010, algorithm 1.
    """

    def __init__(self, *, penalty: float = 1e-3, steps: int = 20, max_iter: int = 50, device: str = "cpu") -> None:
        self.penalty, self.steps, self.max_iter, self.device = penalty, steps, max_iter, device

    def fit(self, X: Matrix, y: Any = None, *, observed: Mask | None = None) -> "SoftImpute":  # noqa: N803  (scikit-learn's name)
        """Complete.

        Args:
            X: Points in rows, with NaN in the gaps unless ``observed`` tells where they are.
            y: Not used.
            observed: True where an entry is known.

        Raises:
            ZooError: ``X`` cannot be completed (see ``read_incomplete``), or a parameter is out of its range.
        """
        for name, value in {"steps": self.steps, "max_iter": self.max_iter}.items():
            check_whole(name, value, least=1)
        check_range("penalty", self.penalty, least=1e-12, below=1)
        data = self._read_incomplete(X, observed)
        points, self.convergence_ = soft_impute(data, penalty=self.penalty, steps=self.steps, iterations=self.max_iter)
        self.completed_ = data.completed(points)
        return self
