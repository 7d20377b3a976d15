import math

import torch

from zoo.functions.relu import relu


def test_values_and_gradients_on_both_sides_of_the_kink_and_on_it():
    x = torch.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    y = relu(x)
    y.backward(torch.full((3,), 5.0))
    assert y.tolist() == [0.0, 0.0, 3.0]
    assert x.grad.tolist() == [0.0, 0.0, 5.0]


def test_an_infinite_gradient_stops_at_a_dead_unit_and_nan_does_not_stop_at_a_live_one():
    x = torch.tensor([-2.0, 0.0, 3.0, 4.0], requires_grad=True)
    relu(x).backward(torch.tensor([math.inf, -math.inf, math.inf, math.nan]))
    assert x.grad[:3].tolist() == [0.0, 0.0, math.inf]
    assert x.grad[3].isnan()
