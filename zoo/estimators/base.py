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

from zoo.errors import ZooError, check_range
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
            ZooError: There is no such device.
        """
        if isinstance(points, Tensor):
            points = (points.float() if points.dtype == torch.bfloat16 else points).detach().cpu().numpy()
        checked = validate_data(self, points, dtype=[np.float64, np.float32], **demands)
        try:
            return torch.tensor(checked, device=self.device)
        except (RuntimeError, AssertionError) as error:
            raise ZooError(
                f"device {self.device!r}: cannot be computed on ({' '.join(str(error).split())[:80]}); 'cpu' always can"
            ) from error


class CompletionEstimator(TorchEstimator):
    """Fills the gaps of the points that it is fitted to, and of no others: in a pipeline it comes last."""

    completed_: Float[np.ndarray, "N D"]

    @abstractmethod
    def fit(self, X: Matrix, y: Any = None, *, observed: Mask | None = None) -> "CompletionEstimator":  # noqa: N803  (scikit-learn's name)
        """Complete."""

    def fit_transform(self, X: Matrix, y: Any = None, *, observed: Mask | None = None) -> Float[np.ndarray, "N D"]:  # noqa: N803
        """As ``fit``; gives the completed points."""
        return self.fit(X, observed=observed).completed_

    def _read_incomplete(self, points: Matrix, observed: Mask | None) -> Incomplete:
        """Points with gaps: NaN, masked in numpy's sense, or not ``observed``."""
        if isinstance(points, np.ma.MaskedArray):
            if observed is not None:
                raise ZooError("observed: X is a masked array, which says itself what is known; give one of the two")
            points, observed = points.data, ~np.ma.getmaskarray(points)
        return read_incomplete(self._read(points, ensure_all_finite=False), observed)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def seed_of(random_state: RandomState) -> int:
    """An int as it is, else one that is drawn.

    Raises:
        ZooError: An int is out of the range of seeds.
    """
    if isinstance(random_state, int | np.integer):
        check_range("random_state", int(random_state), least=0, below=2**32)
    return int(random_state) if isinstance(random_state, int | np.integer) else check_random_state(random_state).randint(1 << 31)
