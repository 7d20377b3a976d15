import inspect
import math

import pytest
import torch

from zoo.errors import ZooError
from zoo.functions.cross_entropy import binary_cross_entropy, cross_entropy
from zoo.functions.map_loss import map_loss


def test_softmax_by_hand():
    score = torch.tensor([[math.log(3.0), 0.0]], dtype=torch.double, requires_grad=True)
    loss = cross_entropy(score, torch.tensor([1]))
    loss.backward()
    assert loss.item() == pytest.approx(math.log(4), abs=1e-12)
    assert score.grad.tolist() == [pytest.approx([3 / 4, 1 / 4 - 1], abs=1e-12)]


def test_yes_or_no_by_hand():
    score = torch.tensor([[math.log(3.0), 0.0]], dtype=torch.double, requires_grad=True)
    loss = binary_cross_entropy(score, torch.tensor([[1.0, 0.0]], dtype=torch.double))
    loss.backward()
    assert loss.item() == pytest.approx(math.log(4 / 3) + math.log(2), abs=1e-12)
    assert score.grad.tolist() == [pytest.approx([3 / 4 - 1, 1 / 2], abs=1e-12)]


@pytest.mark.parametrize("certain", [1e4, -1e4])
def test_certainty_costs_its_logit_when_wrong_and_nothing_when_right(certain):
    score = torch.tensor([[certain, 0.0]], requires_grad=True)
    loss = cross_entropy(score, torch.tensor([0]))
    (grad,) = torch.autograd.grad(loss, score)
    assert loss.item() == max(0.0, -certain)
    assert grad.tolist() == ([[0.0, 0.0]] if certain > 0 else [[-1.0, 1.0]])
    unit = torch.tensor([[certain]], requires_grad=True)
    loss = binary_cross_entropy(unit, torch.ones(1, 1))
    (grad,) = torch.autograd.grad(loss, unit)
    assert loss.item() == max(0.0, -certain)
    assert grad.item() == (0.0 if certain > 0 else -1.0)


def test_two_classes_are_one_yes_or_no():
    score = torch.randn(5, 2, dtype=torch.double)
    label = torch.tensor([0, 1, 1, 0, 1])
    difference = (score[:, 1] - score[:, 0]).unsqueeze(-1)
    assert torch.allclose(cross_entropy(score, label), binary_cross_entropy(difference, label[:, None].double()))


@pytest.mark.parametrize("loss", [cross_entropy, map_loss])
def test_a_label_short_is_refused(loss):
    with pytest.raises(ZooError, match=r"scores of shape \(3, 2\), labels of shape \(2,\)"):
        inspect.unwrap(loss)(torch.zeros(3, 2), torch.tensor([0, 1]))  # past the shape checks that only tests have


def test_targets_of_another_shape_are_refused():
    with pytest.raises(ZooError, match="give each output its target"):
        inspect.unwrap(binary_cross_entropy)(torch.zeros(3, 1), torch.zeros(3, 3))
