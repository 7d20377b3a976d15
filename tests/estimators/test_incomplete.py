import numpy as np
import pytest
import torch

from zoo.errors import ZooError
from zoo.estimators import SelfExpressiveCompletion, SoftImpute, ZeroFilledSubspaceClustering
from zoo.estimators.incomplete import read_incomplete

NAN, INF = float("nan"), float("inf")
EVERY = [SelfExpressiveCompletion(2), SoftImpute(), ZeroFilledSubspaceClustering(2)]


@pytest.mark.parametrize("estimator", EVERY, ids=lambda estimator: type(estimator).__name__)
@pytest.mark.parametrize(
    ("points", "observed", "said"),
    [
        ([[1.0, 2.0], [3.0, 4.0]], None, "no entry is missing"),
        ([[1.0, 2.0], [NAN, NAN], [3.0, NAN]], None, "row 1 is missing altogether"),
        ([[1.0, NAN], [3.0, NAN]], None, "column 1 is missing altogether"),
        ([[1.0, NAN], [3.0, 4.0]], [[False, True], [True, True]], r"X\[0, 1\] is nan and not marked as missing"),
        ([[1.0, INF], [NAN, 4.0]], None, r"X\[0, 1\] is inf and not marked"),
        ([[0.0, NAN], [0.0, 0.0]], None, "every known entry is 0"),
        ([[1.0, NAN], [3.0, 4.0]], [[True, False, True]], r"observed: of shape \(1, 3\), but X of shape \(2, 2\)"),
    ],
)
def test_a_matrix_that_cannot_be_completed_is_refused_in_one_line(estimator, points, observed, said):
    with pytest.raises(ZooError, match=said) as refusal:
        estimator.fit(np.array(points), observed=None if observed is None else np.array(observed))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("estimator", [SelfExpressiveCompletion(4), ZeroFilledSubspaceClustering(4)])
def test_more_clusters_than_points_are_refused(estimator):
    with pytest.raises(ZooError, match="n_clusters 4: 3 points make between 1 and 3 clusters"):
        estimator.fit(np.array([[1.0, NAN], [3.0, 4.0], [5.0, 6.0]]))


def test_what_lies_in_a_gap_is_not_looked_at():
    points, observed = torch.tensor([[1.0, INF], [3.0, 4.0]]), torch.tensor([[True, False], [True, True]])
    assert read_incomplete(points, observed).completed(torch.zeros(2, 2)).tolist() == [[1, 0], [3, 4]]


def test_a_point_at_the_origin_keeps_its_scale():
    data = read_incomplete(torch.tensor([[0.0, NAN], [3.0, 4.0]]))
    assert (data.scale * torch.tensor([[1], [data.unit]])).flatten().tolist() == [1, 5]
    assert data.normalized().points.isfinite().all()


@pytest.mark.parametrize("estimator", EVERY, ids=lambda estimator: type(estimator).__name__)
@pytest.mark.parametrize(("dtype", "unit"), [(np.float32, 2.0**100), (np.float32, 2.0**-100), (np.float64, 2.0**700)])
def test_in_other_units_the_completion_is_the_same(estimator, dtype, unit):
    points = np.random.default_rng(0).normal(size=(8, 4)).astype(dtype)
    points[0, 1] = points[5, 2] = NAN
    expected = estimator.fit_transform(points)
    found = estimator.fit_transform(points * dtype(unit))
    assert np.array_equal(found / dtype(unit), expected)


def test_a_masked_array_says_itself_what_is_known():
    points = np.ma.array([[1.0, 9.0], [3.0, 4.0]], mask=[[False, True], [False, False]])
    assert np.array_equal(SoftImpute().fit_transform(points), SoftImpute().fit_transform([[1.0, NAN], [3.0, 4.0]]))
    with pytest.raises(ZooError, match="give one of the two"):
        SoftImpute().fit(points, observed=~points.mask)


@pytest.mark.parametrize("observed", [[[1.0, NAN], [1.0, 1.0]], [[2, 1], [0, 1]], [["yes", "no"], ["yes", "yes"]]])
def test_a_mask_of_something_else_than_truth_values_is_refused(observed):
    with pytest.raises(ZooError, match="something else than True and False"):
        SoftImpute().fit([[1.0, 2.0], [3.0, 4.0]], observed=np.array(observed))
