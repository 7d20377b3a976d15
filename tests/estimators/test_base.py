import numpy as np
import pytest
import torch
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator

from zoo.errors import ZooError
from zoo.estimators import NonNegativeFactorization, SelfExpressiveCompletion, SoftImpute, ZeroFilledSubspaceClustering
from zoo.estimators.base import seed_of

NAN = float("nan")
COMPLETING = [SelfExpressiveCompletion(2, steps=2), SoftImpute(), ZeroFilledSubspaceClustering(2)]


@pytest.fixture(params=COMPLETING, ids=lambda estimator: type(estimator).__name__)
def estimator(request):
    return request.param


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")  # arrays of other libraries are looked at where asked for
def test_scikit_learn_finds_no_fault_with_the_factorization():
    by_type = ("do_not_raise_errors_in_init_or_set_params", "estimator_sparse_array", "estimator_sparse_matrix")
    ours = {f"check_{name}": "in tests, jaxtyping refuses arguments of other types before scikit-learn sees them" for name in by_type}
    found = check_estimator(NonNegativeFactorization(2), expected_failed_checks=ours, on_fail=None)
    assert not [check["check_name"] for check in found if check["status"] == "failed"]
    assert sum(check["status"] == "passed" for check in found) > 30


def test_scikit_learn_is_told_that_gaps_are_welcome(estimator):
    assert get_tags(estimator).input_tags.allow_nan


def test_a_list_a_half_precision_tensor_and_read_only_points_are_taken_over_and_left_alone(estimator):
    points = np.array([[1.0, NAN, 2.0], [3.0, 4.0, 1.0], [5.0, 6.0, 0.5]])
    expected = estimator.fit_transform(points)
    assert estimator.n_features_in_ == 3
    points.setflags(write=False)
    for same in (points, points.tolist(), torch.from_numpy(points.copy()), torch.from_numpy(points.astype(np.float16))):
        assert np.array_equal(estimator.fit_transform(same)[points == points], expected[points == points])
    assert np.isnan(points).sum() == 1


def test_a_tensor_keeps_its_precision(estimator):
    points = torch.tensor([[1.0, NAN, 2.0], [3.0, 4.0, 1.0], [5.0, 6.0, 0.5]])
    assert estimator.fit_transform(points).dtype == np.float32
    assert estimator.fit_transform(points.double()).dtype == np.float64


def test_whole_numbers_with_a_mask_of_ones_and_zeros_are_completed(estimator):
    points, observed = np.arange(1, 13).reshape(4, 3), np.ones((4, 3), int)
    observed[0, 1] = 0
    completed = estimator.fit_transform(points, observed=observed)
    assert completed.dtype == np.float64
    assert np.array_equal(completed[observed == 1], points[observed == 1])


@pytest.mark.parametrize("points", [[1.0, NAN], [[["a"]]], [["a", "b"]], np.ones((0, 3)), np.ones((2, 2), complex)])
def test_what_is_no_matrix_is_refused_in_scikit_learns_words(estimator, points):
    with pytest.raises(ValueError, match=r"Expected 2D array|could not convert string|0 sample|Complex data|dim 3"):
        estimator.fit(points)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (SoftImpute(steps=0), "steps 0: must be at least 1"),
        (SoftImpute(max_iter=0), "max_iter 0: must be at least 1"),
        (SoftImpute(penalty=0.0), "penalty 0.0: must be at least"),
        (SoftImpute(penalty=1.0), "penalty 1.0: must be .* below 1"),
        (ZeroFilledSubspaceClustering(2, penalty=-1.0), "penalty -1.0: must be at least 0"),
        (SelfExpressiveCompletion().set_params(init="ones"), "init 'ones': the gaps begin with zeros or random"),
        (SelfExpressiveCompletion().set_params(steps=1.5), "steps 1.5: must be a whole number"),
        (SelfExpressiveCompletion().set_params(n_clusters=True), "n_clusters True: must be a whole number"),
        (SelfExpressiveCompletion().set_params(path=(0.1,)), r"path \(0.1,\): must be two numbers"),
        (SelfExpressiveCompletion().set_params(path=(float("inf"), 0.1)), "penalties fall from the first to the last"),
        (SelfExpressiveCompletion(random_state=-1), "random_state -1: must be at least 0"),
        (ZeroFilledSubspaceClustering(2).set_params(n_clusters=None), "n_clusters None: must be a whole number"),
        (SoftImpute(device="gpu"), "device 'gpu': cannot be computed on"),
    ],
)
def test_a_parameter_out_of_its_range_is_refused(wrong, said):
    with pytest.raises(ZooError, match=said):
        wrong.fit([[1.0, NAN], [3.0, 4.0]])


def test_clusters_of_an_earlier_fit_are_forgotten():
    points = [[1.0, NAN], [3.0, 4.0], [5.0, 6.0]]
    estimator = SelfExpressiveCompletion(2, steps=2).fit(points)
    assert len(estimator.labels_) == 3
    assert not hasattr(estimator.set_params(n_clusters=None).fit(points), "labels_")


def test_a_tensor_of_bfloat16_is_taken_over():
    points = torch.tensor([[1.0, NAN], [3.0, 4.0]])
    assert np.array_equal(SoftImpute().fit_transform(points.bfloat16()), SoftImpute().fit_transform(points))


def test_random_states_are_those_of_scikit_learn():
    assert seed_of(7) == seed_of(np.int64(7)) == 7
    first, second = (seed_of(np.random.RandomState(0)) for _ in range(2))
    assert first == second
    assert isinstance(seed_of(None), int)
