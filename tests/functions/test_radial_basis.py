import torch

from zoo.functions.radial_basis import squared_distance


def test_equals_the_plain_definition():
    x, code = torch.randn(5, 7, dtype=torch.double), torch.randn(3, 7, dtype=torch.double)
    assert torch.allclose(squared_distance(x, code), torch.cdist(x, code).square())


def test_gradient_by_hand():
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    code = torch.tensor([[0.0, 0.0], [1.0, 2.0]], requires_grad=True)
    squared_distance(x, code).backward(torch.tensor([[1.0, 10.0]]))
    assert x.grad.tolist() == [[2.0, 4.0]]  # the second unit is met exactly, and pulls no more
    assert code.grad.tolist() == [[-2.0, -4.0], [0.0, 0.0]]


def test_fixed_codes_get_no_gradient():
    x = torch.randn(2, 3, requires_grad=True)
    squared_distance(x, torch.ones(4, 3)).sum().backward()
    assert torch.allclose(x.grad, 8 * (x - 1).detach(), atol=1e-5)
