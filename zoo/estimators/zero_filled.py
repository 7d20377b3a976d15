"""Subspace clustering of points with zeros in their gaps, and then a completion of each cluster by itself.

Sizes in shapes: N points, D dimensions.
"""

from typing import Any

from sklearn.base import ClusterMixin

from zoo.errors import check_range
from zoo.estimators.base import CompletionEstimator, RandomState, seed_of
from zoo.estimators.incomplete import Incomplete, Mask, Matrix, check_clusters
from zoo.estimators.self_expression import express
from zoo.estimators.soft_impute import soft_impute
from zoo.estimators.spectral import spectral_labels

_STEPS = 200  # until the coefficients stand


class ZeroFilledSubspaceClustering(ClusterMixin, CompletionEstimator):
    """Sparse subspace clustering with zeros for what is missing; each cluster's gaps are then filled by nuclear norm.

    Args:
        n_clusters: Number of subspaces, which the completion needs as well.
        penalty: Of the combinations, for points of norm 1: a cosine.
        random_state: Seed of the clustering's starts.
        device: Where to compute, as torch names it.

    Attributes:
        completed_: The points with their gaps filled, ``(N, D)``; known entries are untouched.
        coef_: In row i what each other point contributes to point i, ``(N, N)``; zero on the diagonal.
        labels_: Cluster of each point, ``(N,)``.

    References:
        Yang, Robinson and Vidal, "Sparse subspace clustering with missing entries", ICML 2015, section 3.1 (SSC-EWZF, with the
        zeros in the dictionary and in the target alike).
    """

    def __init__(self, n_clusters: int, *, penalty: float = 0.1, random_state: RandomState = 0, device: str = "cpu") -> None:
        self.n_clusters, self.penalty, self.random_state, self.device = n_clusters, penalty, random_state, device

    def fit(self, X: Matrix, y: Any = None, *, observed: Mask | None = None) -> "ZeroFilledSubspaceClustering":  # noqa: N803  (scikit-learn's name)
        """Cluster, then complete.

        Args:
            X: Points in rows, with NaN in the gaps unless ``observed`` tells where they are.
            y: Not used.
            observed: True where an entry is known.

        Raises:
            ZooError: ``X`` cannot be completed (see ``read_incomplete``), or has fewer points than there are clusters, or the penalty is
                negative.
        """
        check_range("penalty", self.penalty, least=0)
        data = self._read_incomplete(X, observed)
        check_clusters(self.n_clusters, points=len(data.points))
        seed = seed_of(self.random_state)
        points, scale = data.normalized().points, data.scale
        coefficient = express(points, points.new_zeros(len(points), len(points)), penalty=self.penalty, steps=_STEPS)
        label = spectral_labels(coefficient, self.n_clusters, seed=seed).to(points.device)
        completed = data.points.clone()
        for cluster in label.unique():
            part = Incomplete(data.points[label == cluster], data.observed[label == cluster])
            completed[label == cluster], _ = soft_impute(part, penalty=1e-3, steps=20, iterations=50)
        self.labels_, self.completed_ = label.cpu().numpy(), data.completed(completed)
        self.coef_ = (coefficient * scale / scale.mT).cpu().numpy()
        return self
