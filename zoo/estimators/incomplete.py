"""Matrices with gaps, checked before anything is computed.

Sizes in shapes: N points, D dimensions.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from zoo.errors import ZooError

Matrix = Float[np.ndarray, "N D"] | Float[Tensor, "N D"]
Mask = Bool[np.ndarray, "N D"] | Bool[Tensor, "N D"]


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


def read_incomplete(points: Matrix, observed: Mask | None = None, *, device: str = "cpu") -> Incomplete:
    """Take over a matrix that a user gives.

    Args:
        points: In rows; NaN in the gaps, unless ``observed`` tells where they are.
        observed: True where an entry is known; what ``points`` has elsewhere is not looked at.
        device: Where to compute.

    Raises:
        ZooError: There is no gap, a row or a column without any known entry, or a known entry that is no finite number.
    """
    matrix = torch.as_tensor(points).to(device)
    known = ~matrix.isnan() if observed is None else torch.as_tensor(observed).to(device)
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
    return Incomplete(torch.where(known, matrix, 0), known)


def check_clusters(clusters: int, *, points: int) -> None:
    """Refuse a number of clusters that ``points`` points cannot have.

    Raises:
        ZooError: With both numbers.
    """
    if not 1 <= clusters <= points:
        raise ZooError(f"n_clusters {clusters}: {points} points make between 1 and {points} clusters")
