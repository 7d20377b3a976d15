"""Matrices with gaps, checked before anything is computed.

Sizes in shapes: N points, D dimensions.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike
from torch import Tensor

from zoo.errors import ZooError

Matrix = ArrayLike | Tensor
"""What scikit-learn takes for a matrix of numbers, N x D, or a tensor on any device."""
Mask = ArrayLike | Tensor
"""Truth values, N x D."""


class Incomplete(NamedTuple):
    """Points with gaps."""

    points: Float[Tensor, "N D"]
    """Zero in the gaps."""
    observed: Bool[Tensor, "N D"]

    @property
    def scale(self) -> Float[Tensor, "N 1"]:
        """Norm of what is known of each point; 1 for a point at the origin, which no factor moves."""
        norm = self.points.norm(dim=1, keepdim=True)
        return torch.where(norm > 0, norm, 1)

    def unit(self) -> "Incomplete":
        """The points divided by their scale, so that each counts alike."""
        return Incomplete(self.points / self.scale, self.observed)


def read_incomplete(matrix: Float[Tensor, "N D"], observed: Mask | None = None) -> Incomplete:
    """Take over a matrix that a user gives.

    Args:
        matrix: Points in rows; NaN in the gaps, unless ``observed`` tells where they are.
        observed: True where an entry is known; what ``matrix`` has elsewhere is not looked at.

    Raises:
        ZooError: There is no gap, a row or a column without any known entry, a known entry that is no finite number or none but
            zeros, or ``observed`` is of another shape.
    """
    known = ~matrix.isnan() if observed is None else torch.as_tensor(observed, dtype=torch.bool, device=matrix.device)
    if known.shape != matrix.shape:
        raise ZooError(
            f"observed: of shape {tuple(known.shape)}, but X of shape {tuple(matrix.shape)}; it says of each entry whether it is known"
        )
    if known.all():
        raise ZooError("X: no entry is missing, so there is nothing to complete; mark gaps by NaN or by observed=False")
    for name, axis in (("row", 1), ("column", 0)):
        empty = (~known.any(axis)).nonzero()
        if len(empty):
            raise ZooError(f"X: {name} {int(empty[0])} is missing altogether, and nothing tells what it was; leave it out")
    broken = (known & ~matrix.isfinite()).nonzero()
    if len(broken):
        row, column = broken[0].tolist()
        raise ZooError(
            f"X[{row}, {column}] is {float(matrix[row, column])} and not marked as missing; correct it or set observed=False there"
        )
    points = torch.where(known, matrix, 0)
    if not points.any():
        raise ZooError("X: every known entry is 0, and nothing tells what is missing; give points away from the origin")
    return Incomplete(points, known)


def check_clusters(clusters: int, *, points: int) -> None:
    """Refuse a number of clusters that ``points`` points cannot have.

    Raises:
        ZooError: With both numbers.
    """
    if not 1 <= clusters <= points:
        raise ZooError(f"n_clusters {clusters}: {points} points make between 1 and {points} clusters")
