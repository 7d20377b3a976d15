import numpy as np
import pytest
import torch
from sklearn.base import clone

from tests.estimators.unions import SMALL, STEPS, error_of, small_union, with_nan
from zoo.data.completion import draw_gapped
from zoo.data.completion_options import SubspaceOptions
from zoo.errors import ZooError
from zoo.estimators import SelfExpressiveCompletion, SoftImpute
from zoo.metrics.subspaces import clustering_error


@pytest.fixture(scope="module")
def union():
    return small_union()


@pytest.fixture(scope="module")
def fitted(union):
    return SelfExpressiveCompletion(SMALL.subspaces, steps=STEPS).fit(with_nan(union))


def test_points_of_full_rank_are_completed_and_clustered_where_the_nuclear_norm_fails(union, fitted):
    assert np.linalg.matrix_rank(union.points.numpy()) == SMALL.dimensions
    assert error_of(fitted.completed_, union) < 0.01
    assert clustering_error(torch.from_numpy(fitted.labels_), union.label) == 0
    assert error_of(SoftImpute().fit_transform(with_nan(union)), union) > 0.5


def test_points_of_low_rank_are_completed_as_well():
    low = draw_gapped(SubspaceOptions(subspaces=1, rank=4, dimensions=24, points=60, missing=0.15), seed=0)
    assert error_of(SelfExpressiveCompletion(steps=STEPS).fit_transform(with_nan(low)), low) < 0.02


def test_subspaces_of_unlike_dimensions_need_not_be_announced():
    ranks = (2, 3, 4)
    parts = [draw_gapped(SubspaceOptions(subspaces=1, rank=rank, dimensions=24, points=20, missing=0.15), seed=rank) for rank in ranks]
    points, observed = (torch.cat([getattr(part, name) for part in parts]) for name in ("points", "observed"))
    fitted = SelfExpressiveCompletion(len(ranks), steps=STEPS).fit(points, observed=observed)
    truth = torch.arange(len(ranks)).repeat_interleave(20)
    assert clustering_error(torch.from_numpy(fitted.labels_), truth) == 0
    assert np.linalg.norm(fitted.completed_ - points.numpy()) < 0.01 * points.norm()


def test_ten_random_beginnings_come_to_one_completion(union, fitted):
    for seed in range(10):
        other = SelfExpressiveCompletion(steps=STEPS, init="random", random_state=seed).fit_transform(with_nan(union))
        assert np.linalg.norm(other - fitted.completed_) < 1e-3 * np.linalg.norm(fitted.completed_)


def test_known_entries_stay_as_they_are(union, fitted):
    known = union.observed.numpy()
    assert np.array_equal(fitted.completed_[known], union.points.numpy()[known])


def test_no_point_is_of_use_to_itself_and_all_are_what_the_others_make_of_them(fitted):
    assert not fitted.coef_.diagonal().any()
    made = fitted.coef_ @ fitted.completed_
    assert np.linalg.norm(made - fitted.completed_) < 0.01 * np.linalg.norm(fitted.completed_)


def test_points_express_one_another_within_their_subspace(union, fitted):
    size = np.abs(fitted.coef_)
    same = union.label.numpy()[:, None] == union.label.numpy()
    assert size[same].sum() > 0.95 * size.sum()


def test_a_point_that_is_scaled_is_completed_to_scale(union, fitted):
    factor = np.geomspace(0.01, 100, len(union.points), dtype=np.float32)[:, None]
    scaled = SelfExpressiveCompletion(steps=STEPS).fit_transform(factor * with_nan(union))
    assert np.allclose(scaled / factor, fitted.completed_, atol=1e-3)


def test_gaps_are_told_by_nan_or_by_a_mask_in_numpy_or_in_torch(union, fitted):
    masked = SelfExpressiveCompletion(steps=STEPS).fit_transform(union.points, observed=union.observed)
    assert np.array_equal(masked, fitted.completed_)


def test_the_end_is_reported(fitted):
    report = fitted.convergence_
    assert report.iterations == STEPS
    assert report.residual < 0.01
    assert report.change < 0.01
    assert 0 < report.objective < len(fitted.labels_)


def test_double_precision_stays_so(union):
    completed = SelfExpressiveCompletion(steps=2).fit_transform(union.points.double(), observed=union.observed)
    assert completed.dtype == np.float64


def test_it_is_cloned_by_its_parameters():
    estimator = SelfExpressiveCompletion(3, steps=7, init="random")
    assert clone(estimator).get_params() == estimator.get_params()


def test_without_a_number_of_clusters_there_are_no_labels(union):
    estimator = SelfExpressiveCompletion(steps=2)
    assert not hasattr(estimator.fit(with_nan(union)), "labels_")
    with pytest.raises(ZooError, match="n_clusters None: points are completed but not clustered"):
        estimator.fit_predict(with_nan(union))


def test_clusters_are_predicted_as_they_are_fitted(union, fitted):
    predicted = SelfExpressiveCompletion(SMALL.subspaces, steps=STEPS).fit_predict(union.points, observed=union.observed)
    assert np.array_equal(predicted, fitted.labels_)


@pytest.mark.parametrize("wrong", [{"path": (0.1, 0.2)}, {"path": (0.1, 0.0)}])
def test_a_path_that_does_not_fall_is_refused(union, wrong):
    with pytest.raises(ZooError, match="penalties fall from the first to the last"):
        SelfExpressiveCompletion(**wrong).fit(with_nan(union))


@pytest.mark.cuda
def test_a_gpu_comes_to_the_same(union, fitted):
    other = SelfExpressiveCompletion(SMALL.subspaces, steps=STEPS, device="cuda").fit(with_nan(union))
    assert np.allclose(other.completed_, fitted.completed_, atol=1e-3)
    assert clustering_error(torch.from_numpy(other.labels_), union.label) == 0
