from dataclasses import replace

import pytest
import torch

from zoo.errors import ZooError
from zoo.functions import native
from zoo.functions.draw import Draw
from zoo.functions.linear_activation import linear_activation
from zoo.functions.registry import all_functions
from zoo.verification.checks import gradcheck, gradgradcheck, twin_error, vmap_error


@pytest.fixture(params=["sigmoid", "tanh", "scaled-tanh", "relu"])
def entry(request):
    return replace(
        all_functions()["linear_activation"],
        example=lambda draw: (draw(4, 3), draw(5, 3), draw(5), request.param),
    )


def test_every_activation_equals_its_native_twin(entry):
    assert twin_error(entry, entry.example(Draw())) < 1e-10
    assert vmap_error(entry, entry.example) < 1e-10


def test_every_activation_has_true_derivatives_of_both_orders(entry):
    assert gradcheck(entry, entry.example(Draw()))
    assert gradgradcheck(entry, entry.example(Draw()))


def test_the_pre_activation_is_not_kept(entry):
    x, weight, bias, activation = entry.example(Draw())
    y = linear_activation(x, weight, bias, activation)
    kept = {tensor.data_ptr() for tensor in y.grad_fn.saved_tensors}
    assert kept == {x.data_ptr(), weight.data_ptr(), y.data_ptr()}


def test_delta_by_hand():
    weight = torch.tensor([[0.0, 0.0]], dtype=torch.double, requires_grad=True)
    x = torch.tensor([[2.0, -3.0]], dtype=torch.double)
    linear_activation(x, weight, None, "sigmoid").sum().backward()
    assert weight.grad.tolist() == [[0.25 * 2, 0.25 * -3]]


def test_an_unknown_activation_is_named_on_both_sides():
    arguments = torch.zeros(1, 2), torch.zeros(3, 2), None, "swish"
    with pytest.raises(ZooError, match="no activation 'swish'; there are sigmoid, tanh"):
        linear_activation(*arguments)
    with native(), pytest.raises(ZooError, match="no activation 'swish'"):
        linear_activation(*arguments)
