"""Completion and clustering of points in a union of subspaces, by the points themselves.

Sizes in shapes: N points, D dimensions.
"""

import math
from typing import Any, Literal, get_args

import numpy as np
import torch
from jaxtyping import Float, Int
from sklearn.base import ClusterMixin
from torch import Tensor

from zoo.errors import ZooError
from zoo.estimators.base import CompletionEstimator, RandomState, seed_of
from zoo.estimators.incomplete import Incomplete, Mask, Matrix, check_clusters, check_whole
from zoo.estimators.report import Convergence
from zoo.estimators.self_expression import alternate, objective, penalties, residual
from zoo.estimators.spectral import spectral_labels

Init = Literal["zeros", "random"]


class SelfExpressiveCompletion(ClusterMixin, CompletionEstimator):
    """Fills the gaps of points so that each is a sparse combination of the others, and clusters the points by who uses whom.

    Neither the dimensions of the subspaces nor, to complete, their number need be known; together they may fill the space.
    The problem is not convex in combinations and gaps together. It is solved along a path of falling penalties, on
    which the few sure combinations of the beginning lead to the exact ones of the end.

    Differs from the paper in that the rank-one constraint of the lifted problem is kept, by alternating between its two
    factors; the paper relaxes it to a nuclear norm, or pursues it greedily.

    Args:
        n_clusters: Number of subspaces for ``labels_``; None for completion alone.
        path: First and last penalty, for points of norm 1: cosines. Without noise, a last one near 0 leaves little error.
        steps: Penalties on the path, with one alternation each.
        init: What the gaps begin with: zeros, or numbers as large as the known ones.
        random_state: Seed of the random beginning and of the clustering's starts.
        device: Where to compute, as torch names it.

    Attributes:
        completed_: The points with their gaps filled, ``(N, D)``; known entries are untouched.
        coef_: In row i what each other point contributes to point i, ``(N, N)``; zero on the diagonal.
        labels_: Cluster of each point, ``(N,)``, where ``n_clusters`` is given.
        convergence_: How the iterations ended.

    References:
        Elhamifar 2016 (slide D0:1453). Slide D0:1443-1451: low rank or high, any beginning, unknown dimensions, few points.
    """

    def __init__(
        self,
        n_clusters: int | None = None,
        *,
        path: tuple[float, float] = (0.1, 1e-3),
        steps: int = 100,
        init: Init = "zeros",
        random_state: RandomState = 0,
        device: str = "cpu",
    ) -> None:
        self.n_clusters, self.path, self.steps = n_clusters, path, steps
        self.init, self.random_state, self.device = init, random_state, device

    def fit(self, X: Matrix, y: Any = None, *, observed: Mask | None = None) -> "SelfExpressiveCompletion":  # noqa: N803  (scikit-learn's name)
        """Complete and cluster.

        Args:
            X: Points in rows, with NaN in the gaps unless ``observed`` tells where they are.
            y: Not used.
            observed: True where an entry is known.

        Raises:
            ZooError: ``X`` cannot be completed (see ``read_incomplete``) or has fewer points than there are clusters, or the path does
                not fall.
        """
        self.__dict__.pop("labels_", None)  # of a fit with clusters
        data = self._read_incomplete(X, observed)
        if self.n_clusters is not None:
            check_clusters(self.n_clusters, points=len(data.points))
        check_whole("steps", self.steps, least=1)
        first, last = self._ends()
        if self.init not in get_args(Init):
            raise ZooError(f"init {self.init!r}: the gaps begin with {' or '.join(get_args(Init))}")
        seed, scale = seed_of(self.random_state), data.scale
        points, coefficient = self._descend(data.normalized(), penalties(first, last, self.steps).tolist(), seed)
        self.completed_ = data.completed(points * scale)
        self.coef_ = (coefficient * scale / scale.mT).cpu().numpy()
        if self.n_clusters is not None:
            self.labels_ = spectral_labels(coefficient, self.n_clusters, seed=seed).numpy()
        return self

    def fit_predict(self, X: Matrix, y: Any = None, *, observed: Mask | None = None) -> Int[np.ndarray, " N"]:  # noqa: N803
        """As ``fit``; gives the clusters.

        Raises:
            ZooError: As ``fit``; or ``n_clusters`` is None.
        """
        if self.n_clusters is None:
            raise ZooError("n_clusters None: points are completed but not clustered; give the number of clusters")
        return self.fit(X, observed=observed).labels_

    def _ends(self) -> tuple[float, float]:
        """First and last penalty.

        Raises:
            ZooError: The path is something else.
        """
        try:
            first, last = map(float, self.path)
        except (TypeError, ValueError) as error:
            raise ZooError(f"path {self.path!r}: must be two numbers, the first and the last penalty") from error
        if not 0 < last <= first < math.inf:
            raise ZooError(f"path {self.path}: penalties fall from the first to the last, above 0")
        return first, last

    def _descend(self, unit: Incomplete, path: list[float], seed: int) -> tuple[Float[Tensor, "N D"], Float[Tensor, "N N"]]:
        """Points of unit scale with their gaps filled, and their combinations, at the end of the path."""
        missing, change = ~unit.observed, torch.zeros(())
        points = self._begin(unit, seed)
        coefficient = points.new_zeros(len(points), len(points))
        for penalty in path:
            before = points
            points, coefficient = alternate(points, coefficient, missing, penalty=penalty)
            change = (points - before).norm() / points.norm()
        self.convergence_ = Convergence(
            len(path), float(objective(points, coefficient, penalty=path[-1])), float(residual(points, coefficient)), float(change)
        )
        return points, coefficient

    def _begin(self, unit: Incomplete, seed: int) -> Float[Tensor, "N D"]:
        if self.init == "zeros":
            return unit.points
        generator = torch.Generator().manual_seed(seed)
        drawn = torch.randn(unit.points.shape, generator=generator, dtype=unit.points.dtype).to(unit.points.device)
        return torch.where(unit.observed, unit.points, drawn * unit.points[unit.observed].std())
