import inspect

import pytest
import torch

from zoo.errors import ZooError
from zoo.functions.squared_error import linear_squared_error, sigmoid_squared_error


def test_linear_outputs_by_hand():
    output = torch.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    loss = linear_squared_error(output, torch.tensor([[0.0, 2.0], [3.0, 1.0]]))
    loss.backward()
    assert loss.item() == pytest.approx(0.5 * (1 + 16) / 2)
    assert output.grad.tolist() == [[0.5, 0.0], [0.0, 2.0]]


def test_sigmoid_outputs_by_hand():
    score = torch.zeros(1, 1, requires_grad=True)
    loss = sigmoid_squared_error(score, torch.ones(1, 1))
    loss.backward()
    assert loss.item() == pytest.approx(0.5 * 0.25)
    assert score.grad.item() == pytest.approx((0.5 - 1) * 0.25)


def test_a_saturated_unit_no_longer_learns_from_its_error():
    score = torch.tensor([[-1e4]], requires_grad=True)
    sigmoid_squared_error(score, torch.ones(1, 1)).backward()
    assert score.grad.item() == 0.0


@pytest.mark.parametrize("loss", [linear_squared_error, sigmoid_squared_error])
def test_targets_that_would_be_broadcast_are_refused(loss):
    with pytest.raises(ZooError, match=r"outputs of shape \(4, 1\), targets of shape \(4, 4\)"):
        inspect.unwrap(loss)(torch.zeros(4, 1), torch.zeros(4, 4))  # past the shape checks that only tests have
