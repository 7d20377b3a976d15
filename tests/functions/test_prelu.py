import math

import torch

from zoo.functions.prelu import prelu


def test_values_and_gradients_on_both_sides_of_the_kink_and_on_it():
    x = torch.tensor([[-2.0, 1.0], [0.0, -4.0], [3.0, 0.0]], requires_grad=True)
    slope = torch.tensor([0.5, 0.25], requires_grad=True)
    y = prelu(x, slope)
    y.backward(torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    assert y.tolist() == [[-1.0, 1.0], [0.0, -1.0], [3.0, 0.0]]
    assert x.grad.tolist() == [[0.5, 2.0], [1.5, 1.0], [5.0, 1.5]]
    assert slope.grad.tolist() == [-2.0, -16.0]


def test_a_gradient_that_is_no_number_does_not_vanish():
    x = torch.tensor([[-2.0], [3.0]], requires_grad=True)
    prelu(x, torch.tensor([0.5])).backward(torch.full((2, 1), math.nan))
    assert x.grad.isnan().all()
