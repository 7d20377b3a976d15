import pytest
import torch

from zoo.functions.linear import linear


def test_value_and_gradients_by_hand():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    weight = torch.tensor([[5.0, 6.0]], requires_grad=True)
    bias = torch.tensor([7.0], requires_grad=True)
    z = linear(x, weight, bias)
    z.backward(torch.tensor([[1.0], [10.0]]))
    assert z.tolist() == [[5 + 12 + 7], [15 + 24 + 7]]
    assert x.grad.tolist() == [[5.0, 6.0], [50.0, 60.0]]
    assert weight.grad.tolist() == [[1 + 30, 2 + 40]]
    assert bias.grad.tolist() == [11.0]


@pytest.mark.parametrize("trained", [0, 1, 2])
def test_each_argument_can_be_trained_alone(trained):
    arguments = [torch.randn(4, 3), torch.randn(5, 3), torch.randn(5)]
    arguments[trained].requires_grad_()
    linear(*arguments).sum().backward()
    assert arguments[trained].grad.abs().sum() > 0


def test_mixed_precision_gives_gradients_of_the_parameters_own_type():
    x, weight, bias = torch.randn(4, 3), torch.randn(5, 3, requires_grad=True), torch.zeros(5, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        z = linear(x, weight, bias)
    assert z.dtype == torch.bfloat16
    z.sum().backward()
    assert weight.grad.dtype == torch.float
    assert torch.allclose(weight.grad, x.sum(0).expand(5, 3), atol=5e-2)
