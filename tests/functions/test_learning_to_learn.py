import math

import pytest
import torch

from zoo.functions.draw import Draw
from zoo.functions.factorization import factorization_error
from zoo.functions.learning_to_learn import preprocess_gradient, quadratic


def test_quadratic_by_hand():
    weight = torch.tensor([[1.0, 2.0], [0.0, 3.0]])
    assert quadratic(torch.tensor([1.0, -1.0]), weight, torch.tensor([1.0, 0.0])).item() == 4 + 9


def test_gradient_of_the_quadratic_vanishes_at_the_least_squares_solution():
    weight, target = Draw().constant(4, 3), Draw(seed=1).constant(4)
    theta = torch.linalg.lstsq(weight, target[:, None]).solution[:, 0].requires_grad_()
    (gradient,) = torch.autograd.grad(quadratic(theta, weight, target), theta)
    assert gradient.abs().max() < 1e-12


@pytest.mark.parametrize(
    ("gradient", "expected"),
    [
        (math.exp(-5), (-0.5, 1.0)),
        (-math.exp(2), (0.2, -1.0)),
        (0.0, (-1.0, 0.0)),
        (0.25 * math.exp(-10), (-1.0, 0.25)),
        (-math.exp(-10), (-1.0, -1.0)),
    ],
)
def test_preprocessed_gradient_by_hand(gradient, expected):
    found = preprocess_gradient(torch.tensor(gradient, dtype=torch.double))
    assert torch.allclose(found, torch.tensor(expected, dtype=torch.double))


def test_preprocessed_gradients_lie_within_a_few_units_whatever_their_size():
    gradient = torch.logspace(-30, 10, 401)
    assert preprocess_gradient(torch.cat([gradient, -gradient])).abs().max() < 2.5


def test_factorization_error_by_hand():
    target = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert factorization_error(target, torch.tensor([[1.0], [2.0]]), torch.tensor([[1.0, 1.0]])).item() == 0 + 1 + 1 + 4


def test_the_best_factors_of_a_rank_are_stationary():
    """Eckart and Young: the leading singular vectors."""
    target = Draw().constant(4, 5)
    left, value, right = torch.linalg.svd(target, full_matrices=False)
    factors = [(left[:, :2] * value[:2]).requires_grad_(), right[:2].clone().requires_grad_()]
    gradients = torch.autograd.grad(factorization_error(target, *factors), factors)
    assert all(gradient.abs().max() < 1e-12 for gradient in gradients)
