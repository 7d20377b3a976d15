"""What the estimators have in common, as scikit-learn asks it of them.

Sizes in shapes: N points, D dimensions.
"""

from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from sklearn.base import BaseEstimator
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import validate_data
from torch import Tensor

from zoo.estimators.incomplete import Incomplete, Mask, Matrix, read_incomplete

RandomState = int | np.integer | np.random.RandomState | None
"""Where random numbers begin; a new place each time for None."""


class TorchEstimator(BaseEstimator):
    """Computes with torch what it is given in numpy or in torch.

    Attributes:
        n_features_in_: Dimensions D of the points that were fitted.
    """

    device: str

    def _read(self, points: Matrix, **demands: Any) -> Float[Tensor, "N D"]:
        """A copy in single precision where ``points`` are, in double otherwise.

        Args:
            points: What a user gives.
            demands: More that scikit-learn's ``check_array`` is to look at.

        Raises:
            ValueError: In scikit-learn's words: there are other axes than two, nothing along one, or no numbers.
        """
        array = points.detach().cpu().numpy() if isinstance(points, Tensor) else points
        checked = validate_data(self, array, dtype=[np.float64, np.float32], **demands)
        return torch.tensor(checked, device=self.device)


class CompletionEstimator(TorchEstimator):
    """Fills gaps."""

    completed_: Float[np.ndarray, "N D"]

    @abstractmethod
    def fit(self, X: Matrix, y: Any = None, *, observed: Mask | None = None) -> "CompletionEstimator":  # noqa: N803  (scikit-learn's name)
        """Complete."""

    def fit_transform(self, X: Matrix, y: Any = None, *, observed: Mask | None = None) -> Float[np.ndarray, "N D"]:  # noqa: N803
        """As ``fit``; gives the completed points."""
        return self.fit(X, observed=observed).completed_

    def _read_incomplete(self, points: Matrix, observed: Mask | None) -> Incomplete:
        return read_incomplete(self._read(points, ensure_all_finite=False), observed)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def seed_of(random_state: RandomState) -> int:
    """An int as it is, else one that is drawn."""
    return int(random_state) if isinstance(random_state, int | np.integer) else check_random_state(random_state).randint(1 << 31)
