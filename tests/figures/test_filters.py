import numpy as np
import pytest
import torch
from scipy import ndimage, signal

from zoo.figures.canvas import save
from zoo.figures.filters import KERNELS, correlate, filtered_pictures, pooled, worked_example


def _picture():
    return torch.rand(12, 17, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_does_what_scipy_does(name):
    picture, kernel = _picture(), KERNELS[name].double()
    ours = correlate(picture, kernel, padding=1)
    assert np.allclose(ours, signal.convolve2d(picture, kernel, mode="same"))  # flipped: each is its own half turn
    assert np.allclose(ours, ndimage.correlate(picture.numpy(), kernel.numpy(), mode="constant"))
    assert np.allclose(correlate(picture, kernel), signal.correlate2d(picture, kernel, mode="valid"))


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 0), (2, 1), (3, 2)])
def test_stride_and_padding_are_those_of_scipy_with_every_nth_value(stride, padding):
    picture, kernel = _picture(), KERNELS["edge detection 1"].double()
    padded = np.pad(picture, padding)
    assert np.allclose(
        correlate(picture, kernel, stride=stride, padding=padding), signal.correlate2d(padded, kernel, "valid")[::stride, ::stride]
    )


def test_blurs_keep_the_mean_and_edges_remove_it():
    sums = {name: float(kernel.sum()) for name, kernel in KERNELS.items()}
    assert sums["identity"] == sums["sharpen"] == sums["Gaussian blur"] == 1
    assert sums["box blur"] == pytest.approx(1)
    assert all(sums[f"edge detection {number}"] == 0 for number in (1, 2, 3))


def test_the_slides_worked_example():
    assert worked_example()[2].tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


def test_the_three_poolings_by_hand():
    picture = torch.tensor([[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
    assert pooled(picture, kind="max").tolist() == [[6, 8], [3, 4]]
    assert pooled(picture, kind="average").tolist() == [[3.25, 5.25], [2, 2]]
    assert pooled(picture, kind="sum").tolist() == [[13, 21], [8, 8]]


@pytest.mark.parametrize(("options", "complaint"), [({"stride": 0}, "stride 0"), ({"padding": -1}, "padding -1")])
def test_impossible_steps_are_refused(options, complaint):
    with pytest.raises(ValueError, match=complaint):
        correlate(_picture(), KERNELS["identity"], **options)


def test_a_title_is_no_formula(tmp_path):
    save(filtered_pictures([("$_$", _picture())], columns=1), tmp_path / "a.png")


def test_every_picture_is_drawn_under_its_title():
    figure = filtered_pictures([("one", _picture()), ("two", _picture()[:5]), ("three", _picture())], columns=2)
    assert [axes.get_title() for axes in figure.axes] == ["one", "two", "three", ""]
    assert [len(axes.images) for axes in figure.axes] == [1, 1, 1, 0]
