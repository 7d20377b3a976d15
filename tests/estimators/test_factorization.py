import itertools

import numpy as np
import pytest
import torch
from sklearn.decomposition import NMF

from zoo.errors import ZooError
from zoo.estimators import NonNegativeFactorization
from zoo.estimators.factorization import multiplicative_step


@pytest.fixture
def factors():
    generator = torch.Generator().manual_seed(0)
    target, basis, coefficient = (torch.rand(shape, generator=generator, dtype=torch.float64) for shape in ((9, 7), (9, 3), (3, 7)))
    return target, basis, coefficient


def test_no_update_raises_the_error():
    target = np.random.default_rng(0).random((30, 20))
    errors = NonNegativeFactorization(4, max_iter=300, tol=0).fit(target).errors_
    assert len(errors) == 301
    assert all(after <= before + 1e-12 for before, after in itertools.pairwise(errors))
    assert errors[-1] < 0.6 * errors[0]


@pytest.mark.parametrize("updates", [1, 50])
def test_the_updates_are_scikit_learns(factors, updates):
    target, basis, coefficient = factors
    theirs = NMF(3, init="custom", solver="mu", tol=0, max_iter=updates)
    expected = theirs.fit_transform(target.numpy(), W=basis.numpy().copy(), H=coefficient.numpy().copy())
    for _ in range(updates):
        basis, coefficient = multiplicative_step(target, basis, coefficient)
    assert np.allclose(basis.numpy(), expected, atol=1e-10)
    assert np.allclose(coefficient.numpy(), theirs.components_, atol=1e-10)


def test_it_stops_once_the_error_hardly_falls():
    target = np.random.default_rng(0).random((20, 10))
    estimator = NonNegativeFactorization(2, max_iter=1000, tol=1e-3).fit(target)
    assert estimator.n_iter_ == len(estimator.errors_) - 1 < 1000
    assert estimator.errors_[-11] - estimator.errors_[-1] < 1e-3 * estimator.errors_[0]


def test_both_factors_stay_non_negative_and_their_product_is_near():
    target = np.random.default_rng(0).random((20, 2)) @ np.random.default_rng(1).random((2, 10))
    estimator = NonNegativeFactorization(2, max_iter=1000, tol=0)
    basis = estimator.fit_transform(target)
    assert (basis >= 0).all()
    assert (estimator.components_ >= 0).all()
    assert np.linalg.norm(basis @ estimator.components_ - target) < 0.01 * np.linalg.norm(target)


@pytest.mark.parametrize(("entry", "said"), [(-1.0, "Negative values"), (float("nan"), "contains NaN"), (float("inf"), "infinity")])
def test_what_no_such_product_can_hold_is_refused(entry, said):
    with pytest.raises(ValueError, match=said):
        NonNegativeFactorization(1).fit(np.array([[1.0, entry]]))


@pytest.mark.parametrize("wrong", [{"n_components": 0}, {"max_iter": 0}, {"tol": -1.0}])
def test_a_parameter_out_of_its_range_is_refused(wrong):
    with pytest.raises(ZooError, match="must be at least"):
        NonNegativeFactorization(**{"n_components": 1} | wrong).fit(np.ones((2, 2)))


def test_whole_numbers_are_factorized():
    assert NonNegativeFactorization(1, max_iter=5).fit(np.ones((2, 3), int)).components_.shape == (1, 3)


@pytest.mark.parametrize("unit", [1e-30, 1e30])
def test_in_other_units_the_factors_are_as_good(unit):
    target = np.random.default_rng(0).random((30, 20)).astype(np.float32)
    whole = NonNegativeFactorization(4, tol=0).fit(target)
    other = NonNegativeFactorization(4, tol=0)
    product = other.fit_transform(target * np.float32(unit)) @ other.components_
    assert other.reconstruction_err_ / unit == pytest.approx(whole.reconstruction_err_, rel=1e-3)
    assert np.linalg.norm(product / np.float32(unit) - target) == pytest.approx(whole.reconstruction_err_, rel=1e-3)
