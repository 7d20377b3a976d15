import numpy as np
import torch

from tests.estimators.unions import error_of, with_nan
from zoo.data.completion import draw_gapped
from zoo.data.completion_options import SubspaceOptions
from zoo.estimators import SoftImpute
from zoo.estimators.incomplete import Incomplete
from zoo.estimators.soft_impute import soft_impute


def test_a_matrix_of_low_rank_is_completed():
    low = draw_gapped(SubspaceOptions(subspaces=1, rank=3, dimensions=24, points=60, missing=0.3), seed=0)
    fitted = SoftImpute().fit(with_nan(low))
    assert error_of(fitted.completed_, low) < 0.02
    assert np.array_equal(fitted.completed_[low.observed], low.points.numpy()[low.observed])
    assert fitted.convergence_.change < 1e-3


def test_it_lowers_the_penalised_error_and_nothing_else_does_better():
    """At the optimum the misses have singular values of at most the penalty, and exactly it along the solution's."""
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(12, 8, generator=generator, dtype=torch.float64)
    observed = torch.rand(points.shape, generator=generator) < 0.7
    data = Incomplete(points * observed, observed)
    share = 0.3
    filled, _ = soft_impute(data, penalty=share, steps=2, iterations=5000)
    threshold = share * torch.linalg.matrix_norm(data.points, 2)
    left, value, right = torch.linalg.svd(filled, full_matrices=False)
    low = left * (value - threshold).relu() @ right
    miss = observed * (points - low)
    assert torch.linalg.matrix_norm(miss, 2) <= 1.001 * threshold
    along = left[:, :1].mT @ miss @ right[:1].mT
    assert torch.allclose(along, threshold, rtol=1e-3)
