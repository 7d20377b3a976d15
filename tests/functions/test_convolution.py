import pytest
import torch

from zoo.functions import native
from zoo.functions.convolution import conv2d
from zoo.functions.draw import Draw
from zoo.functions.table_convolution import table_conv2d
from zoo.functions.true_convolution import convolve2d


def test_slide_example_by_hand():
    """Erratum E27: the slide's 5 x 5 picture under its 3 x 3 kernel."""
    image = torch.tensor([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]).float()
    kernel = torch.tensor([[1, 0, 1], [0, 1, 0], [1, 0, 1]]).float()
    out = conv2d(image[None, None], kernel[None, None], torch.zeros(1))
    assert out[0, 0].tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


def test_correlation_and_convolution_by_hand():
    image, kernel = torch.tensor([[[[1.0, 2.0, 3.0]]]]), torch.tensor([[[[10.0, 1.0]]]])
    assert conv2d(image, kernel, torch.zeros(1)).tolist() == [[[[12.0, 23.0]]]]
    assert convolve2d(image, kernel, torch.zeros(1)).tolist() == [[[[21.0, 32.0]]]]


def test_an_impulse_returns_the_kernel_as_it_stands_under_convolution_and_turned_under_correlation():
    kernel = Draw().constant(1, 1, 2, 3)
    impulse = torch.zeros(1, 1, 3, 5, dtype=torch.double)
    impulse[0, 0, 1, 2] = 1
    zero = torch.zeros(1, dtype=torch.double)
    assert torch.equal(convolve2d(impulse, kernel, zero), kernel)
    assert torch.equal(conv2d(impulse, kernel, zero), kernel.flip(-2, -1))


@pytest.mark.parametrize("function", [conv2d, convolve2d])
@pytest.mark.parametrize("kernel", [(4, 3), (3, 5)])
def test_a_kernel_larger_than_the_image_is_refused_on_both_sides_of_the_switch(function, kernel):
    arguments = torch.zeros(2, 1, 3, 4), torch.zeros(5, 1, *kernel), torch.zeros(5)
    message = rf"kernel of shape \(5, 1, {kernel[0]}, {kernel[1]}\) on an image of shape \(2, 1, 3, 4\)"
    with pytest.raises(ValueError, match=message):
        function(*arguments)
    with native(), pytest.raises(ValueError, match=message):
        function(*arguments)


def test_a_table_kernel_larger_than_the_image_is_refused_on_both_sides_of_the_switch():
    arguments = torch.zeros(2, 1, 3, 4), torch.zeros(1, 4, 4), torch.zeros(1), torch.zeros(2, 1, dtype=torch.long)
    with pytest.raises(ValueError, match="4 x 4 is larger than 3 x 4"):
        table_conv2d(*arguments)
    with native(), pytest.raises(ValueError, match="4 x 4 is larger than 3 x 4"):
        table_conv2d(*arguments)


def test_a_full_table_is_an_ordinary_convolution():
    draw = Draw()
    x, weight, bias = draw(2, 2, 6, 7), draw(3, 2, 3, 3), draw(3)
    pair = torch.tensor([(out, into) for out in range(3) for into in range(2)]).T
    assert torch.allclose(table_conv2d(x, weight.flatten(0, 1), bias, pair), conv2d(x, weight, bias))


def test_a_map_outside_the_table_has_no_influence():
    draw = Draw()
    x = draw(2, 2, 6, 7)
    (grad,) = torch.autograd.grad(table_conv2d(x, draw(1, 3, 3), draw(1), torch.tensor([[0], [1]])).sum(), x)
    assert grad[:, 0].abs().sum() == 0
    assert grad[:, 1].abs().sum() > 0
