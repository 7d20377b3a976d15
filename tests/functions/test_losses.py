import math

import pytest
import torch

from zoo.functions import native
from zoo.functions.cross_entropy import binary_cross_entropy, cross_entropy
from zoo.functions.losses import LOSSES, likelihood, squared_error
from zoo.functions.map_loss import RUBBISH_ENERGY, map_loss
from zoo.functions.squared_error import linear_squared_error


def test_squared_error_by_hand():
    score = torch.tensor([[0.0, 0.0]])  # both outputs are one half
    assert squared_error(score, torch.tensor([1])).item() == pytest.approx(0.5 * (0.25 + 0.25))


def test_gradient_of_squared_error_is_that_of_the_slides():
    """MATHS.md (4): (o - t) o (1 - o) / B."""
    score = torch.randn(3, 4, dtype=torch.double, requires_grad=True)
    label = torch.tensor([0, 3, 1])
    (grad,) = torch.autograd.grad(squared_error(score, label), score)
    out, target = score.sigmoid(), torch.eye(4, dtype=torch.double)[label]
    assert torch.allclose(grad, (out - target) * out * (1 - out) / 3)


def test_map_loss_by_hand():
    energy = torch.tensor([[1.0, 3.0]])
    expected = 1.0 + math.log(math.exp(-RUBBISH_ENERGY) + math.exp(-1.0) + math.exp(-3.0))
    assert map_loss(-energy, torch.tensor([0])).item() == pytest.approx(expected, rel=1e-5)


def test_map_loss_rewards_distance_from_wrong_classes_only_up_to_the_rubbish_class():
    near, far = torch.tensor([[0.0, -1.0]]), torch.tensor([[0.0, -1000.0]])
    label = torch.tensor([0])
    assert map_loss(far, label) < map_loss(near, label)
    assert map_loss(far, label).item() == pytest.approx(math.log1p(math.exp(-RUBBISH_ENERGY)), abs=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_has_a_true_gradient(name):
    score = -torch.rand(3, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: LOSSES[name](x, torch.tensor([1, 0, 3])), score.detach().requires_grad_())


@pytest.mark.parametrize("name", LOSSES)
def test_likelihood_prefers_the_highest_score_and_lies_in_the_unit_interval(name):
    score = torch.tensor([[-3.0, -1.0, -2.0]])
    share = likelihood(score, loss=name)
    assert share.argmax().item() == 1
    assert 0 <= share.min() <= share.max() <= 1


def test_map_loss_is_the_two_terms_of_the_paper():
    energy = torch.tensor([[2.0, 0.5, 3.0], [1.0, 4.0, 0.1]], dtype=torch.double)
    penalty = torch.log(math.exp(-RUBBISH_ENERGY) + (-energy).exp().sum(-1))
    expected = torch.stack([energy[0, 1], energy[1, 0]]) + penalty
    assert torch.allclose(map_loss(-energy, torch.tensor([1, 0])), expected.mean(), atol=1e-12)


_HALF = [
    (cross_entropy, torch.tensor([1])),
    (map_loss, torch.tensor([1])),
    (binary_cross_entropy, torch.tensor([[0.0, 1.0, 0.0, 1.0]], dtype=torch.bfloat16)),
    (linear_squared_error, torch.tensor([[0.0, 1.0, 0.3, 1.0]], dtype=torch.bfloat16)),
]


@pytest.mark.parametrize("autocast", [True, False])
@pytest.mark.parametrize(("loss", "target"), _HALF)
def test_half_precision_scores_lose_no_more_than_in_torchs_own_losses(loss, target, autocast):
    score = torch.tensor([[7.0, 0.0, 0.0, 0.0]], dtype=torch.bfloat16, requires_grad=True)

    def value_and_gradient():
        with torch.autocast("cpu", enabled=autocast):
            value = loss(score, target)
        return value, torch.autograd.grad(value, score)[0]

    ours = value_and_gradient()
    with native():
        theirs = value_and_gradient()
    assert ours[0].dtype == theirs[0].dtype == (torch.float if autocast else torch.bfloat16)
    assert torch.allclose(ours[0], theirs[0], rtol=1e-6)
    assert torch.allclose(ours[1], theirs[1], rtol=4e-3 if autocast else 8e-3, atol=1e-8)
