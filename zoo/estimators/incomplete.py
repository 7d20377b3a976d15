"""Matrices with gaps, checked before anything is computed.

Sizes in shapes: N points, D dimensions.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike
from torch import Tensor

from zoo.errors import ZooError, check_range

Matrix = ArrayLike | Tensor
"""What scikit-learn takes for a matrix of numbers, N x D, or a tensor on any device."""
Mask = ArrayLike | Tensor
"""Truth values, N x D."""


class Incomplete(NamedTuple):
    """Points with gaps."""

    points: Float[Tensor, "N D"]
    """Zero in the gaps, in units of ``unit``: the largest lies between 1/2 and 1, so that squares neither overflow nor vanish."""
    observed: Bool[Tensor, "N D"]
    unit: float = 1.0
    """A power of two: what the user's numbers were divided by, without rounding."""

    @property
    def scale(self) -> Float[Tensor, "N 1"]:
        """Norm of what is known of each point; 1 for a point at the origin, which no factor moves."""
        norm = self.points.norm(dim=1, keepdim=True)
        return torch.where(norm > 0, norm, 1)

    def normalized(self) -> "Incomplete":
        """The points divided by their scale, so that each counts alike."""
        return Incomplete(self.points / self.scale, self.observed)

    def completed(self, points: Float[Tensor, "N D"]) -> Float[np.ndarray, "N D"]:
        """The known entries, and those of ``points`` in the gaps, as the user measures them."""
        return (torch.where(self.observed, self.points, points) * self.unit).cpu().numpy()


def read_incomplete(matrix: Float[Tensor, "N D"], observed: Mask | None = None) -> Incomplete:
    """Take over a matrix that a user gives.

    Args:
        matrix: Points in rows; NaN in the gaps, unless ``observed`` tells where they are.
        observed: True where an entry is known; what ``matrix`` has elsewhere is not looked at.

    Raises:
        ZooError: There is no gap, a row or a column without any known entry, a known entry that is no finite number or none but
            zeros, or ``observed`` is of another shape or holds something else than truth values.
    """
    known = ~matrix.isnan() if observed is None else _truth(observed).to(matrix.device)
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
    largest = math.frexp(torch.finfo(points.dtype).max)[1] - 1  # power of two
    unit = 2.0 ** min(math.frexp(float(points.abs().max()))[1], largest)
    return Incomplete(points / unit, known, unit)


def _truth(observed: Mask) -> Bool[Tensor, "..."]:
    """Truth values, of which 1 and 0 are others' words.

    Raises:
        ZooError: There are other values.
    """
    given = observed.cpu().numpy() if isinstance(observed, Tensor) else np.asarray(observed)
    if given.dtype != bool and not (given.dtype.kind in "iuf" and np.isin(given, (0, 1)).all()):
        raise ZooError("observed: holds something else than True and False (or 1 and 0); it says of each entry whether it is known")
    return torch.from_numpy(given.astype(bool))


def check_whole(name: str, value: Any, *, least: int) -> None:
    """Refuse what is no whole number of at least ``least``.

    Raises:
        ZooError: With the parameter's name and what it is.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ZooError(f"{name} {value!r}: must be a whole number")
    check_range(name, int(value), least=least)


def check_clusters(clusters: Any, *, points: int) -> None:
    """Refuse a number of clusters that ``points`` points cannot have.

    Raises:
        ZooError: With both numbers.
    """
    check_whole("n_clusters", clusters, least=1)
    if clusters > points:
        raise ZooError(f"n_clusters {clusters}: {points} points make between 1 and {points} clusters")
