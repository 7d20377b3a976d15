import pytest
import torch

from zoo.functions.subsampling import spread, subsample, subsample_native


def _inputs(height=4, width=6):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, height, width, dtype=torch.double, generator=generator, requires_grad=True)
    weight = torch.randn(3, dtype=torch.double, generator=generator, requires_grad=True)
    bias = torch.randn(3, dtype=torch.double, generator=generator, requires_grad=True)
    return x, weight, bias


def test_value_by_hand():
    x = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])
    assert subsample(x, torch.tensor([2.0]), torch.tensor([0.5])).item() == 6.5


@pytest.mark.parametrize("shape", [(4, 6), (5, 7), (2, 2)])
def test_equals_its_native_twin_in_value_and_gradients(shape):
    inputs = _inputs(*shape)
    manual, twin = subsample(*inputs), subsample_native(*inputs)
    assert torch.allclose(manual, twin, atol=1e-10, rtol=0)
    upstream = torch.randn_like(manual)
    pairs = zip(torch.autograd.grad(manual, inputs, upstream), torch.autograd.grad(twin, inputs, upstream), strict=True)
    assert all(torch.allclose(ours, theirs, atol=1e-10, rtol=0) for ours, theirs in pairs)


@pytest.mark.parametrize("shape", [(4, 6), (5, 5)])
def test_gradients_of_both_orders(shape):
    assert torch.autograd.gradcheck(subsample, _inputs(*shape))
    assert torch.autograd.gradgradcheck(subsample, _inputs(*shape))


def test_plain_up_sampling_is_too_large_by_the_windows_area():
    """Erratum E23: the slide's ``up`` must divide by the number of inputs of a window."""
    x = torch.randn(1, 1, 4, 4, dtype=torch.double, requires_grad=True)
    one, zero = torch.ones(1, dtype=torch.double), torch.zeros(1, dtype=torch.double)
    upstream = torch.randn(1, 1, 2, 2, dtype=torch.double)
    (right,) = torch.autograd.grad(subsample(x, one, zero), x, upstream)
    assert torch.allclose(spread(upstream, 2, x.shape), 4 * right)


def test_vmap_over_several_sets_of_maps():
    x, weight, bias = (tensor.detach() for tensor in _inputs())
    several = torch.stack([x, 2 * x])
    mapped = torch.vmap(lambda each: subsample(each, weight, bias))(several)
    assert torch.allclose(mapped[1], subsample(2 * x, weight, bias))
