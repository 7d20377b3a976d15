import torch
from torch.autograd.functional import hessian, jacobian

from zoo.functions import native
from zoo.functions.draw import Draw
from zoo.functions.scaled_tanh import scaled_tanh
from zoo.functions.taylor import (
    chain_gradient,
    directional_derivative,
    hessian_vector_product,
    second_order_expansion,
    vector_jacobian_product,
)

WEIGHT = Draw().constant(4, 3)
X, DIRECTION = Draw(seed=1).constant(3), Draw(seed=2).constant(3)


def _inner(x):
    return scaled_tanh(WEIGHT @ x)


def _outer(u):
    return u.pow(3).sum() + u.prod()


def _scalar(x):
    return _outer(_inner(x))


def test_directional_derivative_is_the_jacobian_times_the_direction():
    with native():
        assert torch.allclose(directional_derivative(_inner, X, DIRECTION), jacobian(_inner, X) @ DIRECTION)


def test_vector_jacobian_product_is_the_transposed_jacobian_times_the_vector():
    cotangent = Draw(seed=3).constant(4)
    assert torch.allclose(vector_jacobian_product(_inner, X, cotangent), jacobian(_inner, X).T @ cotangent)


def test_gradient_of_a_composition_is_the_transposed_jacobian_times_the_outer_gradient():
    expected = jacobian(_inner, X).T @ jacobian(_outer, _inner(X))
    assert torch.allclose(chain_gradient(_outer, _inner, X), expected)
    assert torch.allclose(expected, jacobian(_scalar, X))


def test_hessian_vector_product_is_the_hessian_times_the_direction():
    assert torch.allclose(hessian_vector_product(_scalar, X, DIRECTION), hessian(_scalar, X) @ DIRECTION)


def test_expansion_of_a_quadratic_is_exact():
    matrix = Draw(seed=3).constant(3, 3)

    def quadratic(x):
        return x @ matrix @ x + DIRECTION @ x + 2

    assert torch.allclose(second_order_expansion(quadratic, X, DIRECTION), quadratic(X + DIRECTION))


def test_what_the_expansion_leaves_out_shrinks_with_the_third_power_of_the_step():
    steps = torch.logspace(-3, -1.5, 7, dtype=torch.double)
    left = torch.stack([(_scalar(X + step * DIRECTION) - second_order_expansion(_scalar, X, step * DIRECTION)).abs() for step in steps])
    log_step, log_left = (each.log() - each.log().mean() for each in (steps, left))
    assert 2.9 < (log_step @ log_left / log_step.square().sum()).item() < 3.1
