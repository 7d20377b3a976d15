"""MATLAB's operators against their definitions, written out as loops."""

import itertools

import pytest
import torch

from zoo.functions.draw import Draw
from zoo.functions.matlab import conv2, convn, expand, flipall, rot180
from zoo.functions.true_convolution import convolve2d

SHAPES = [((4, 5), (3, 2)), ((4, 4), (4, 4)), ((3, 3), (1, 1)), ((2, 3), (4, 4)), ((4, 3, 5), (2, 3, 2)), ((3, 3, 3), (1, 2, 3))]


def _by_definition(a, b):
    """Every product of an element of each, at the sum of their places."""
    out = a.new_zeros([n + k - 1 for n, k in zip(a.shape, b.shape, strict=True)])
    for here, there in itertools.product(itertools.product(*map(range, a.shape)), itertools.product(*map(range, b.shape))):
        out[tuple(i + j for i, j in zip(here, there, strict=True))] += a[here] * b[there]
    return out


def _cut(full, start, size):
    return full[tuple(slice(first, first + count) for first, count in zip(start, size, strict=True))]


@pytest.fixture(params=SHAPES, ids=str)
def pair(request):
    draw = Draw()
    return draw.constant(*request.param[0]), draw.constant(*request.param[1])


def test_full_is_the_definition(pair):
    assert torch.allclose(convn(*pair), _by_definition(*pair))


def test_same_is_the_middle_and_starts_where_matlab_starts(pair):
    a, b = pair
    start = [-(-(k + 1) // 2) - 1 for k in b.shape]  # ceil((k + 1) / 2), counted from one
    assert torch.allclose(convn(a, b, "same"), _cut(_by_definition(a, b), start, a.shape))


def test_valid_is_where_the_kernel_lies_within_the_image(pair):
    a, b = pair
    if any(k > n for n, k in zip(a.shape, b.shape, strict=True)):
        with pytest.raises(ValueError, match=r"kernel of shape \(4, 4\) on an image of shape \(2, 3\)"):
            convn(a, b, "valid")
    else:
        size = [n - k + 1 for n, k in zip(a.shape, b.shape, strict=True)]
        assert torch.allclose(convn(a, b, "valid"), _cut(_by_definition(a, b), [k - 1 for k in b.shape], size))


def test_same_of_an_even_kernel_by_hand():
    a = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    out = conv2(a, torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "same")
    assert out.tolist() == [[23, 33, 24], [53, 63, 42], [52, 59, 36]]


def test_the_slides_numbers():
    """Slide D4:267-350 and D4:643-757."""
    big, small = torch.ones(4, 4), torch.ones(3, 3) / 9
    assert torch.allclose(conv2(big, small, "valid"), torch.ones(2, 2))
    expected = torch.tensor([1, 2, 3, 3, 2, 1]).outer(torch.tensor([1, 2, 3, 3, 2, 1])) / 9
    assert torch.allclose(conv2(small, big), expected)
    assert torch.allclose(convn(torch.ones(4, 4, 4), torch.ones(3, 3, 3) / 27, "valid"), torch.ones(2, 2, 2))


def test_full_commutes_and_valid_does_not():
    draw = Draw()
    a, b = draw.constant(5, 4), draw.constant(3, 2)
    assert torch.allclose(conv2(a, b), conv2(b, a))
    conv2(a, b, "valid")
    with pytest.raises(ValueError, match="the larger array comes first"):
        conv2(b, a, "valid")


def test_a_matrix_runs_over_a_stack_of_images_as_in_the_toolbox():
    draw = Draw()
    stack, kernel = draw.constant(5, 4, 3), draw.constant(2, 2)
    one_by_one = torch.stack([conv2(stack[..., n], kernel, "valid") for n in range(3)], dim=-1)
    assert torch.allclose(convn(stack, kernel, "valid"), one_by_one)


def test_convolve2d_is_convn_of_each_image():
    draw = Draw()
    x, weight = draw.constant(2, 1, 5, 6), draw.constant(1, 1, 3, 2)
    out = convolve2d(x, weight, weight.new_zeros(1))
    assert torch.allclose(out[1, 0], conv2(x[1, 0], weight[0, 0], "valid"))


def test_arrays_of_one_axis_are_refused():
    with pytest.raises(ValueError, match="two or three axes"):
        convn(torch.ones(3), torch.ones(2, 2))


def test_rot180_turns_two_axes_and_flipall_reverses_all():
    x = torch.arange(8).view(2, 2, 2)
    assert rot180(x).tolist() == [[[6, 7], [4, 5]], [[2, 3], [0, 1]]]
    assert flipall(x).tolist() == [[[7, 6], [5, 4]], [[3, 2], [1, 0]]]
    slide = torch.arange(1, 10).view(3, 3)
    assert rot180(slide).tolist() == flipall(slide).tolist() == [[9, 8, 7], [6, 5, 4], [3, 2, 1]]


def test_expand_repeats_each_element_in_place():
    assert expand(torch.tensor([[1, 2], [3, 4]]), (1, 3)).tolist() == [[1, 1, 1, 2, 2, 2], [3, 3, 3, 4, 4, 4]]
    assert expand(torch.tensor([[[1], [2]]]), (2, 1, 1)).tolist() == [[[1], [2]], [[1], [2]]]


@pytest.mark.parametrize("size", [(2,), (2, 0)])
def test_expand_refuses_other_than_one_number_an_axis(size):
    with pytest.raises(ValueError, match="one number of repetitions, at least 1, an axis"):
        expand(torch.ones(2, 2), size)
