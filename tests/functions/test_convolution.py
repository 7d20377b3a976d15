import pytest
import torch

from zoo.functions.convolution import conv2d, conv2d_native
from zoo.functions.table_convolution import table_conv2d


def _inputs(maps_in, maps_out, side, kernel):
    generator = torch.Generator().manual_seed(0)
    shapes = [(2, maps_in, side, side + 1), (maps_out, maps_in, kernel, kernel), (maps_out,)]
    return [torch.randn(shape, dtype=torch.double, generator=generator, requires_grad=True) for shape in shapes]


def test_slide_example_by_hand():
    """Erratum E27: the slide's 5 x 5 picture under its 3 x 3 kernel."""
    image = torch.tensor([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]).float()
    kernel = torch.tensor([[1, 0, 1], [0, 1, 0], [1, 0, 1]]).float()
    out = conv2d(image[None, None], kernel[None, None], torch.zeros(1))
    assert out[0, 0].tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


# One map in: the gradient as a matrix product of windows. Several: the library's.
@pytest.mark.parametrize("sizes", [(1, 3, 6, 3), (4, 3, 6, 3), (1, 2, 4, 4), (3, 2, 5, 1)])
def test_equals_its_native_twin_in_value_and_gradients(sizes):
    inputs = _inputs(*sizes)
    manual, twin = conv2d(*inputs), conv2d_native(*inputs)
    assert torch.allclose(manual, twin, atol=1e-10, rtol=0)
    upstream = torch.randn_like(manual)
    pairs = zip(torch.autograd.grad(manual, inputs, upstream), torch.autograd.grad(twin, inputs, upstream), strict=True)
    assert all(torch.allclose(ours, theirs, atol=1e-10, rtol=0) for ours, theirs in pairs)


@pytest.mark.parametrize("sizes", [(1, 2, 4, 3), (4, 2, 4, 3)])
def test_gradients_of_both_orders(sizes):
    assert torch.autograd.gradcheck(conv2d, _inputs(*sizes))
    assert torch.autograd.gradgradcheck(conv2d, _inputs(*sizes))


def test_an_empty_batch_gives_zero_gradients():
    inputs = _inputs(1, 2, 5, 3)
    inputs[0] = torch.empty(0, 1, 5, 6, dtype=torch.double)
    conv2d(*inputs).sum().backward()
    assert inputs[1].grad.abs().sum() == 0


def test_a_full_table_is_an_ordinary_convolution():
    x, weight, bias = _inputs(2, 3, 6, 3)
    pair = torch.tensor([(out, into) for out in range(3) for into in range(2)]).T
    assert torch.allclose(table_conv2d(x, weight.flatten(0, 1), bias, pair=pair), conv2d(x, weight, bias))


def test_a_map_outside_the_table_has_no_influence():
    x, weight, bias = _inputs(2, 1, 6, 3)
    (grad,) = torch.autograd.grad(table_conv2d(x, weight[:, 1], bias, pair=torch.tensor([[0], [1]])).sum(), x)
    assert grad[:, 0].abs().sum() == 0
    assert grad[:, 1].abs().sum() > 0
