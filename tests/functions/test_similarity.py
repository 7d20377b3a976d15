import pytest
import torch

from zoo.functions.draw import Draw
from zoo.functions.hinge import hinge
from zoo.functions.similarity import Measure, cross_form, cross_table, generalized_similarities, generalized_similarity, quadratic_form


def _measure(factor, *, own=1.0):
    zero = torch.zeros(factor.shape[1], dtype=torch.double)
    return Measure(own * factor, own * factor, factor, factor, zero, zero, torch.zeros((), dtype=torch.double))


def _random_measure():
    draw = Draw(seed=1)
    return Measure(draw(2, 3), draw(4, 5), draw(2, 3), draw(2, 5), draw(3), draw(5), draw())


def test_identities_give_the_squared_euclidean_distance():
    x, y = Draw().constant(6, 3), Draw(seed=1).constant(6, 3)
    found = generalized_similarity(x, y, _measure(torch.eye(3, dtype=torch.double)))
    assert torch.allclose(found, (x - y).square().sum(-1))


def test_equal_factors_give_the_squared_mahalanobis_distance():
    x, y, factor = Draw().constant(6, 3), Draw(seed=1).constant(6, 3), Draw(seed=2).constant(3, 3)
    expected = torch.einsum("bi,ij,bj->b", x - y, factor.T @ factor, x - y)
    assert torch.allclose(generalized_similarity(x, y, _measure(factor)), expected)


def test_without_own_parts_it_is_bilinear():
    x, y, factor = Draw().constant(6, 3), Draw(seed=1).constant(6, 3), Draw(seed=2).constant(2, 3)
    expected = -2 * torch.einsum("bi,ij,bj->b", x, factor.T @ factor, y)
    assert torch.allclose(generalized_similarity(x, y, _measure(factor, own=0.0)), expected)


def test_it_is_the_block_matrix_of_the_slide():
    x, y, m = Draw().constant(6, 3), Draw(seed=2).constant(6, 5), _random_measure()
    c = -m.c_x.T @ m.c_y
    block = torch.cat(
        [
            torch.cat([m.a.T @ m.a, c, m.d[:, None]], 1),
            torch.cat([c.T, m.b.T @ m.b, m.e[:, None]], 1),
            torch.cat([m.d, m.e, m.f[None]])[None],
        ]
    )
    z = torch.cat([x, y, torch.ones(6, 1, dtype=torch.double)], 1)
    assert torch.allclose(generalized_similarity(x, y, m), torch.einsum("bi,ij,bj->b", z, block, z))


def test_the_table_of_all_pairs_holds_every_pair():
    x, y, measure = Draw().constant(4, 3), Draw(seed=2).constant(6, 5), _random_measure()
    table = generalized_similarities(x, y, measure)
    for row in range(4):
        assert torch.allclose(table[row], generalized_similarity(x[row].expand(6, 3), y, measure))


def test_the_sample_based_gradient_is_the_sum_over_the_pairs():
    x, y, measure = Draw().constant(4, 3), Draw(seed=2).constant(6, 5), _random_measure()
    sign = 2 * Draw(seed=3).binary(4, 6) - 1
    table = hinge(generalized_similarities(x, y, measure), sign).sum()
    pairs = hinge(generalized_similarity(x.repeat_interleave(6, 0), y.repeat(4, 1), measure), sign.flatten()).sum()
    for ours, theirs in zip(torch.autograd.grad(table, measure), torch.autograd.grad(pairs, measure), strict=True):
        assert torch.allclose(ours, theirs)


@pytest.mark.parametrize(("sign", "distance", "loss", "slope"), [(1, 0.5, 0.5, -1), (1, 1.5, 0, 0), (-1, 0.5, 1.5, 1), (-1, -1.5, 0, 0)])
def test_hinge_by_hand(sign, distance, loss, slope):
    distance = torch.tensor(distance, requires_grad=True)
    value = hinge(distance, torch.tensor(float(sign)))
    assert value.item() == loss
    assert torch.autograd.grad(value, distance)[0].item() == slope


@pytest.mark.parametrize(
    ("function", "sizes"),
    [
        (quadratic_form, [(4, 3), (2, 3), (3,)]),
        (cross_form, [(4, 3), (4, 5), (2, 3), (2, 5)]),
        (cross_table, [(4, 3), (2, 5), (2, 3), (2, 5)]),
    ],
)
def test_mixed_precision_gives_gradients_of_the_arguments_own_type(function, sizes):
    draw = Draw()
    arguments = [draw(*size).detach().float().requires_grad_() for size in sizes]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = function(*arguments)
    whole = torch.autograd.grad(function(*arguments).sum(), arguments)
    for ours, exact in zip(torch.autograd.grad(value.sum(), arguments), whole, strict=True):
        assert ours.dtype == torch.float
        assert torch.allclose(ours, exact, rtol=0.05, atol=0.1)
