import itertools

import pytest
import torch
from sklearn.linear_model import Lasso

from zoo.estimators.self_expression import alternate, complete, express, objective, penalties


@pytest.fixture
def problem():
    """Twelve points, a fifth of whose entries is missing, and some combinations of them."""
    generator = torch.Generator().manual_seed(0)
    points = torch.nn.functional.normalize(torch.randn(12, 6, generator=generator, dtype=torch.float64), dim=1)
    missing = torch.rand(points.shape, generator=generator) < 0.2
    coefficient = 0.2 * torch.randn(12, 12, generator=generator, dtype=torch.float64).fill_diagonal_(0)
    return points, coefficient, missing


def test_the_objective_of_two_points_by_hand():
    points, coefficient = torch.tensor([[3.0, 4.0], [0.0, 2.0]]), torch.tensor([[0.0, 1.0], [-2.0, 0.0]])
    fit = (3**2 + 2**2) / 2 + (6**2 + 10**2) / 2  # points less (0, 2), and less (-6, -8)
    assert objective(points, coefficient, penalty=0.1).item() == pytest.approx(fit + 0.1 * (1 * 2 + 2 * 5))


@pytest.mark.parametrize("penalty", [0.3, 0.01])
def test_an_alternation_never_raises_the_objective(problem, penalty):
    points, coefficient, missing = problem
    values = [objective(points, coefficient, penalty=penalty)]
    for _ in range(30):
        coefficient = express(points, coefficient, penalty=penalty)
        values.append(objective(points, coefficient, penalty=penalty))
        points = complete(points, coefficient, missing, penalty=penalty)
        values.append(objective(points, coefficient, penalty=penalty))
    assert all(after <= before + 1e-12 for before, after in itertools.pairwise(values))
    assert values[-1] < values[0]


def test_given_points_each_combination_is_the_lasso_of_the_others(problem):
    points, coefficient, _ = problem
    found = express(points, torch.zeros_like(coefficient), penalty=0.05, steps=3000)
    for number, point in enumerate(points.numpy()):
        others = [other for other in range(len(points)) if other != number]
        lasso = Lasso(alpha=0.05 / len(point), fit_intercept=False, tol=1e-12, max_iter=100_000)
        expected = torch.from_numpy(lasso.fit(points[others].numpy().T, point).coef_)
        assert torch.allclose(found[number, others], expected, atol=1e-6)
        assert found[number, number] == 0


def test_given_combinations_the_gaps_are_least_squares(problem):
    points, coefficient, missing = problem
    missing = missing & (torch.arange(points.numel()).view(points.shape) < 30)  # few unknowns: as many steps as conjugate gradients need
    residue = torch.eye(len(points)) - coefficient
    expected = points.clone()
    for column in range(points.shape[1]):
        gap = missing[:, column]
        known = residue[:, ~gap] @ points[~gap, column]
        expected[gap, column] = torch.linalg.lstsq(residue[:, gap], -known[:, None]).solution[:, 0]
    found = complete(points, coefficient, missing, penalty=0.0)
    assert torch.equal(found[~missing], points[~missing])
    assert torch.allclose(found, expected, atol=1e-8)


def test_a_large_penalty_leaves_points_alone_and_gaps_empty(problem):
    points, coefficient, missing = problem
    filled, found = alternate(points, torch.zeros_like(coefficient), missing, penalty=10.0)
    assert not found.any()
    assert torch.allclose(filled[missing], torch.zeros(1, dtype=torch.float64), atol=1e-12)


def test_penalties_fall_by_one_factor():
    assert penalties(0.1, 0.001, 3).tolist() == pytest.approx([0.1, 0.01, 0.001])
