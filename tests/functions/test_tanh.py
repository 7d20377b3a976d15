import math

import pytest
import torch

from zoo.functions.sigmoid import sigmoid
from zoo.functions.tanh import tanh


def test_value_and_derivative_by_hand():
    x = torch.tensor(math.log(2.0), dtype=torch.double, requires_grad=True)
    y = tanh(x)
    y.backward()
    assert y.item() == pytest.approx(3 / 5, abs=1e-12)
    assert x.grad.item() == pytest.approx(16 / 25, abs=1e-12)


def test_it_is_a_sigmoid_stretched_both_ways():
    x = torch.linspace(-4, 4, 9, dtype=torch.double)
    assert torch.allclose(tanh(x), 2 * sigmoid(2 * x) - 1, atol=1e-14)
