from functools import partial

import pytest
import torch
import torch.nn.functional as F

from zoo.functions import native
from zoo.functions.draw import Draw
from zoo.functions.global_average_pooling import global_average_pool
from zoo.functions.max_pooling import max_pool, max_pool_native
from zoo.functions.mean_pooling import mean_pool, mean_pool_native
from zoo.functions.registry import FunctionEntry
from zoo.functions.subsampling import subsample
from zoo.verification.checks import gradcheck, twin_error

# Two windows, side by side.
IMAGE = torch.tensor([[[[1.0, 2.0, 5.0, 5.0], [3.0, 6.0, 0.0, 5.0]]]])


def _gradient(function, x, upstream):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(function(x), x, upstream)[0]


def test_values_by_hand():
    assert mean_pool(IMAGE).tolist() == [[[[3.0, 3.75]]]]
    assert max_pool(IMAGE).tolist() == [[[[6.0, 5.0]]]]
    assert global_average_pool(IMAGE).tolist() == [[3.375]]
    assert subsample(IMAGE, torch.tensor([2.0]), torch.tensor([0.5])).tolist() == [[[[6.5, 8.0]]]]


def test_each_input_of_a_mean_gets_an_equal_share_of_the_gradient():
    gradient = _gradient(mean_pool, IMAGE, torch.tensor([[[[4.0, 8.0]]]]))
    assert gradient.tolist() == [[[[1.0, 1.0, 2.0, 2.0]] * 2]]
    assert _gradient(global_average_pool, IMAGE, torch.tensor([[8.0]])).tolist() == [[[[1.0] * 4] * 2]]


def test_the_whole_gradient_goes_to_the_first_of_equal_largest_values():
    gradient = _gradient(max_pool, IMAGE, torch.tensor([[[[4.0, 8.0]]]]))
    assert gradient.tolist() == [[[[0.0, 0.0, 8.0, 0.0], [0.0, 4.0, 0.0, 0.0]]]]


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_torch_breaks_ties_alike_in_every_layout(size, layout):
    x = Draw().index(2, 3, 7, 8, below=2).double().contiguous(memory_format=layout)
    upstream = Draw().constant(2, 3, 7 // size, 8 // size)
    ours = _gradient(partial(max_pool, size=size), x, upstream)
    assert torch.equal(ours, _gradient(lambda each: F.max_pool2d(each, size), x, upstream))


@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize(("manual", "twin"), [(mean_pool, mean_pool_native), (max_pool, max_pool_native)])
def test_windows_of_other_sizes_equal_the_native_twin(manual, twin, size):
    entry = FunctionEntry("pool", "", partial(manual, size=size), partial(twin, size=size), lambda draw: (draw(2, 3, 5, 7),))
    assert twin_error(entry, entry.example(Draw())) < 1e-10
    assert gradcheck(entry, entry.example(Draw()))


@pytest.mark.parametrize("pool", [mean_pool, max_pool, lambda x, size: subsample(x, torch.ones(1), torch.zeros(1), size=size)])
def test_a_window_larger_than_the_image_is_refused_on_both_sides_of_the_switch(pool):
    with pytest.raises(ValueError, match=r"window of shape \(3, 3\) on an image of shape \(1, 1, 2, 4\)"):
        pool(IMAGE, size=3)
    with native(), pytest.raises(ValueError, match="3 x 3 is larger than 2 x 4"):
        pool(IMAGE, size=3)
