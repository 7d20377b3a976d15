import math

import pytest
import torch

from zoo.functions.sigmoid import sigmoid


def test_value_and_derivative_by_hand():
    x = torch.tensor(math.log(3.0), dtype=torch.double, requires_grad=True)
    y = sigmoid(x)
    y.backward()
    assert y.item() == pytest.approx(3 / 4, abs=1e-12)
    assert x.grad.item() == pytest.approx(3 / 16, abs=1e-12)


def test_saturated_units_have_finite_values_and_no_gradient():
    x = torch.tensor([-1e4, 1e4], requires_grad=True)
    y = sigmoid(x)
    y.sum().backward()
    assert y.tolist() == [0.0, 1.0]
    assert x.grad.tolist() == [0.0, 0.0]
