"""Non-negative matrix factorization by multiplicative updates.

Sizes in shapes: N points, D dimensions, K components.
"""

import math
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from sklearn.utils import Tags
from torch import Tensor

from zoo.errors import check_range
from zoo.estimators.base import RandomState, TorchEstimator, seed_of
from zoo.estimators.incomplete import Matrix, check_whole
from zoo.functions.factorization import factorization_error


def multiplicative_step(
    target: Float[Tensor, "N D"], basis: Float[Tensor, "N K"], coefficient: Float[Tensor, "K D"]
) -> tuple[Float[Tensor, "N K"], Float[Tensor, "K D"]]:
    r"""One update of each factor, which never raises :math:`\|X - AS\|_F^2` and keeps what is not negative so.

    Each is a gradient step whose length, entry by entry, turns the subtraction into a quotient.

    References:
        Lee and Seung, "Algorithms for non-negative matrix factorization", NIPS 2000, theorem 1. MATHS.md (26).
    """
    basis = _step(target, basis, coefficient)
    return basis, _step(target.mT, coefficient.mT, basis.mT).mT


def _step(target: Float[Tensor, "N D"], basis: Float[Tensor, "N K"], coefficient: Float[Tensor, "K D"]) -> Float[Tensor, "N K"]:
    tiny = torch.finfo(target.dtype).tiny
    return basis * (target @ coefficient.mT) / (basis @ (coefficient @ coefficient.mT)).clamp(min=tiny)


class NonNegativeFactorization(TorchEstimator):
    r"""Writes a matrix as the product of two that have no negative entry, :math:`\min \|X - AS\|_F`.

    ``A`` is of the points that were fitted alone, so in a pipeline it comes last.

    Args:
        n_components: Columns K of ``A``.
        max_iter: Updates.
        tol: Relative fall of the error in ten updates at which it stops; 0 never does.
        random_state: Seed of the first factors.
        device: Where to compute, as torch names it.

    Attributes:
        components_: The factor ``S``, ``(K, D)``.
        errors_: The norm of what the product misses, before the first update and after each.
        reconstruction_err_: The last of them.
        n_iter_: Updates done.

    References:
        Slide D0:1431 (erratum E49: the norm is Frobenius', the factors matrices). scikit-learn's ``NMF(solver="mu")``.
    """

    def __init__(
        self, n_components: int, *, max_iter: int = 200, tol: float = 1e-4, random_state: RandomState = 0, device: str = "cpu"
    ) -> None:
        self.n_components, self.max_iter, self.tol = n_components, max_iter, tol
        self.random_state, self.device = random_state, device

    def fit(self, X: Matrix, y: Any = None) -> "NonNegativeFactorization":  # noqa: N803  (scikit-learn's name)
        """Factorize; see ``fit_transform``."""
        self.fit_transform(X)
        return self

    def fit_transform(self, X: Matrix, y: Any = None) -> Float[np.ndarray, "N K"]:  # noqa: N803
        """Factorize; gives the factor ``A``.

        Args:
            X: The matrix.
            y: Not used.

        Raises:
            ValueError: An entry is negative or no finite number, or ``X`` is no matrix.
            ZooError: A parameter is out of its range.
        """
        target = self._read(X, ensure_non_negative=True)
        self._check()
        unit = float(target.max()) or 1.0  # squares of what is very small or large would vanish or overflow
        target = target / unit
        basis, coefficient = self._begin(target)
        errors = [self._error(target, basis, coefficient)]
        for _ in range(self.max_iter):
            basis, coefficient = multiplicative_step(target, basis, coefficient)
            errors.append(self._error(target, basis, coefficient))
            if self.tol and len(errors) > 10 and errors[-11] - errors[-1] < self.tol * errors[0]:
                break
        self.errors_ = [unit * error for error in errors]
        self.n_iter_, self.reconstruction_err_ = len(errors) - 1, self.errors_[-1]
        self.components_ = (math.sqrt(unit) * coefficient).cpu().numpy()
        return (math.sqrt(unit) * basis).cpu().numpy()

    def _check(self) -> None:
        for name in ("n_components", "max_iter"):
            check_whole(name, getattr(self, name), least=1)
        check_range("tol", self.tol, least=0)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags

    def _begin(self, target: Tensor) -> tuple[Tensor, Tensor]:
        """Random factors whose product is about as large as ``target``."""
        generator, (rows, columns) = torch.Generator().manual_seed(seed_of(self.random_state)), target.shape
        size = (target.mean() / self.n_components).sqrt()
        shapes = ((rows, self.n_components), (self.n_components, columns))
        basis, coefficient = (
            size * torch.randn(shape, generator=generator, dtype=target.dtype).abs().to(target.device) for shape in shapes
        )
        return basis, coefficient

    @staticmethod
    def _error(target: Tensor, basis: Tensor, coefficient: Tensor) -> float:
        return float(factorization_error(target, basis, coefficient).sqrt())
