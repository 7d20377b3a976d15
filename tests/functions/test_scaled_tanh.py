import math

import pytest
import torch

from zoo.functions import is_native, native
from zoo.functions.scaled_tanh import scaled_tanh, scaled_tanh_native


def test_value_by_hand():
    assert scaled_tanh(torch.tensor([1.0], dtype=torch.double)).item() == pytest.approx(1.7159 * math.tanh(2 / 3), abs=1e-12)


def test_one_goes_to_one_so_that_targets_lie_off_the_flat_tails():
    assert scaled_tanh(torch.tensor(1.0)).item() == pytest.approx(1.0, abs=1e-4)


def test_equals_its_native_twin_in_value_and_gradient():
    x = torch.randn(5, 7, dtype=torch.double, requires_grad=True)
    manual, twin = scaled_tanh(x), scaled_tanh_native(x)
    assert torch.allclose(manual, twin, atol=1e-10, rtol=0)
    weight = torch.randn_like(x)
    (manual_grad,) = torch.autograd.grad((manual * weight).sum(), x)
    (twin_grad,) = torch.autograd.grad((twin * weight).sum(), x)
    assert torch.allclose(manual_grad, twin_grad, atol=1e-10, rtol=0)


def test_gradients_of_both_orders():
    x = torch.randn(4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(scaled_tanh, x)
    assert torch.autograd.gradgradcheck(scaled_tanh, x)


def test_saturated_inputs_have_a_finite_value_and_no_gradient():
    x = torch.tensor([-1e4, 1e4], requires_grad=True)
    y = scaled_tanh(x)
    y.sum().backward()
    assert y.tolist() == pytest.approx([-1.7159, 1.7159])
    assert x.grad.abs().max() < 1e-6


def test_vmap_and_empty_batches():
    x = torch.randn(3, 4)
    assert torch.equal(torch.vmap(scaled_tanh)(x), scaled_tanh(x))
    assert scaled_tanh(torch.empty(0, 3)).shape == (0, 3)


def test_the_switch_is_on_inside_the_block_alone():
    assert not is_native()
    with native():
        assert is_native()
    assert not is_native()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float, 1e-6), (torch.half, 2e-3), (torch.bfloat16, 1e-2)])
def test_small_inputs_keep_their_digits(dtype, tolerance):
    x = torch.tensor([1e-4], dtype=dtype)
    assert scaled_tanh(x).item() == pytest.approx(1.7159 * math.tanh(2 / 3 * x.item()), rel=tolerance)


@pytest.mark.parametrize("dtype", [torch.double, torch.float, torch.half, torch.bfloat16])
def test_no_slope_is_negative(dtype):
    x = torch.linspace(-20, 20, 401, dtype=dtype, requires_grad=True)
    scaled_tanh(x).sum().backward()
    assert x.grad.min() >= 0
