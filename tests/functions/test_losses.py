import math

import pytest
import torch

from zoo.functions.losses import LOSSES, likelihood, squared_error
from zoo.functions.map_loss import RUBBISH_ENERGY, map_loss


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
