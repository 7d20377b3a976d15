import torch

from zoo.functions.relu import relu


def test_values_and_gradients_on_both_sides_of_the_kink_and_on_it():
    x = torch.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    y = relu(x)
    y.backward(torch.full((3,), 5.0))
    assert y.tolist() == [0.0, 0.0, 3.0]
    assert x.grad.tolist() == [0.0, 0.0, 5.0]
