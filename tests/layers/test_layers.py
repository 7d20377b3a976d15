import pytest
import torch
from torch import nn

from zoo.errors import ZooError
from zoo.layers.convolution import Conv2d, Convolve2d
from zoo.layers.input_transform import InputTransform
from zoo.layers.pooling import AvgPool2d, GlobalAveragePool, MaxPool2d
from zoo.layers.radial_basis import digit_codes
from zoo.layers.table_convolution import TableConv2d
from zoo.layers.whitening import Whitening


@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("bias", [True, False])
def test_convolution_exchanges_weights_with_its_torch_counterpart(padding, bias):
    ours, theirs = Conv2d(2, 3, kernel_size=3, padding=padding, bias=bias), nn.Conv2d(2, 3, 3, padding=padding, bias=bias)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 2, 6, 6)
    for layer in (ours, theirs):
        layer(x).square().sum().backward()
    assert torch.allclose(ours(x), theirs(x), atol=1e-6)
    assert torch.allclose(ours.weight.grad, theirs.weight.grad, rtol=1e-4, atol=1e-4)


def test_table_convolution_keeps_only_the_connections_of_its_table():
    layer = TableConv2d([[0], [0, 1]], kernel_size=3)
    assert layer.weight.shape == (3, 3, 3)
    assert layer(torch.randn(2, 2, 5, 5)).shape == (2, 2, 3, 3)


def test_digit_codes_are_ten_different_pictures_of_plus_and_minus_one():
    code = digit_codes()
    assert code.shape == (10, 84)
    assert set(code.unique().tolist()) == {-1.0, 1.0}
    assert len({tuple(row) for row in code.tolist()}) == 10


def _correlated(count=4000):
    generator = torch.Generator().manual_seed(0)
    mixing = torch.tensor([[2.0, 0.0, 0.0], [1.0, 0.5, 0.0], [0.3, 0.2, 1.0]])
    return torch.randn(count, 3, generator=generator) @ mixing.T + torch.tensor([1.0, -2.0, 3.0])


@pytest.mark.parametrize("kind", ["pca", "zca"])
def test_whitened_data_has_zero_mean_and_unit_covariance(kind):
    x = _correlated()
    layer = Whitening(3, kind=kind)
    layer.fit(x, epsilon=0.0)
    out = layer(x)
    assert out.mean(0).abs().max() < 1e-4
    assert torch.allclose(out.T @ out / len(out), torch.eye(3), atol=1e-3)


def test_zca_stays_as_near_to_the_data_as_whitening_can():
    layer = Whitening(3, kind="zca")
    layer.fit(_correlated(), epsilon=0.0)
    assert torch.allclose(layer.scale, layer.scale.T, atol=1e-5)


def test_standardize_equalises_variances_and_leaves_correlation():
    x = _correlated()
    layer = Whitening(3, kind="standardize")
    layer.fit(x, epsilon=0.0)
    out = layer(x)
    assert torch.allclose(out.var(0, correction=0), torch.ones(3), atol=1e-3)
    assert (out[:, 0] * out[:, 1]).mean() > 0.5


@pytest.mark.parametrize("kind", ["standardize", "pca", "zca"])
def test_constant_features_do_not_divide_by_zero(kind):
    x = torch.cat([_correlated(), torch.zeros(4000, 1)], dim=1)
    layer = Whitening(4, kind=kind)
    layer.fit(x)
    assert layer(x).isfinite().all()


def test_center_removes_the_mean_alone():
    x = _correlated()
    layer = Whitening(3, kind="center")
    layer.fit(x)
    assert torch.allclose(layer(x), x - x.mean(0), atol=1e-5)


def test_the_canvas_pads_with_background_and_sets_the_levels():
    transform = InputTransform(size=32, content=28, background=-0.1, ink=1.175)
    out = transform(torch.full((1, 1, 28, 28), 255, dtype=torch.uint8))
    assert out.shape == (1, 1, 32, 32)
    assert out[0, 0, 0, 0].item() == pytest.approx(-0.1)
    assert out[0, 0, 16, 16].item() == pytest.approx(1.175)


@pytest.mark.parametrize(("size", "content"), [(32, 28), (31, 28), (28, 28)])
def test_what_lies_on_the_content_is_cut_out_of_a_canvas(size, content):
    transform = InputTransform(size=size, content=content)
    image = torch.randint(256, (2, 1, content, content), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    assert torch.equal(transform.of_content(transform.canvas(image)[:, 0]), image[:, 0] / 255)


def test_a_small_picture_is_enlarged_to_the_content_size():
    out = InputTransform(size=32, content=32)(torch.full((1, 1, 8, 8), 255, dtype=torch.uint8))
    assert torch.allclose(out, torch.ones(1, 1, 32, 32))


def test_options_rebuild_the_transform():
    transform = InputTransform(size=32, content=28, background=-0.1, ink=1.175, whitening="zca")
    assert InputTransform(**transform.options).options == transform.options


def test_colours_have_levels_of_their_own():
    transform = InputTransform(size=2, content=2, background=(-2.0, 0.0, 1.0), ink=(2.0, 1.0, 3.0))
    half = transform(torch.full((1, 3, 2, 2), 51, dtype=torch.uint8))
    assert torch.allclose(half[0, :, 0, 0], torch.tensor([-1.2, 0.2, 1.4]))
    assert transform.colour
    assert InputTransform(**transform.options).options == transform.options


@pytest.mark.parametrize(("ours", "theirs"), [(MaxPool2d, nn.MaxPool2d), (AvgPool2d, nn.AvgPool2d)])
def test_pooling_does_what_its_torch_counterpart_does(ours, theirs):
    x = torch.randn(2, 3, 7, 6)
    assert torch.allclose(ours(3)(x), theirs(3)(x), atol=1e-6)
    assert repr(ours(3)) == repr(theirs(3))


def test_global_average_pooling_gives_one_number_a_map():
    x = torch.randn(2, 3, 7, 6)
    assert torch.allclose(GlobalAveragePool()(x), nn.AdaptiveAvgPool2d(1)(x).flatten(1), atol=1e-6)


def test_true_convolution_takes_torchs_kernels_turned_by_180_degrees():
    ours, theirs = Convolve2d(2, 3, kernel_size=3), nn.Conv2d(2, 3, 3)
    ours.load_state_dict({"weight": theirs.weight.flip(-2, -1), "bias": theirs.bias})
    x = torch.randn(2, 2, 6, 6)
    assert torch.allclose(ours(x), theirs(x), atol=1e-6)


def test_a_pair_that_stands_twice_in_a_table_is_refused():
    with pytest.raises(ZooError, match="output map 1 to input map 0 twice"):
        TableConv2d([[0], [0, 1, 0]], kernel_size=3)
