import pytest
import torch

from zoo.functions.scaled_tanh import scaled_tanh_native
from zoo.layers.activation import ACTIVATIONS, PReLU

TWINS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "scaled-tanh": scaled_tanh_native, "relu": torch.relu}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_activation_is_the_one_of_its_name_and_has_no_parameters(name):
    layer = ACTIVATIONS[name]()
    x = torch.linspace(-3, 3, 7)
    assert torch.allclose(layer(x), TWINS[name](x), atol=1e-6)
    assert not layer.state_dict()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_activation_uses_the_zoos_gradient(name):
    y = ACTIVATIONS[name]()(torch.ones(2, requires_grad=True))
    assert isinstance(y.grad_fn, torch.autograd.function.BackwardCFunction)


def test_prelu_starts_as_pytorchs_with_its_names_and_uses_the_zoos_gradient():
    layer, twin = PReLU(3, init=0.1), torch.nn.PReLU(3, init=0.1)
    twin.load_state_dict(layer.state_dict())
    x = torch.linspace(-3, 3, 12).view(2, 3, 2)
    assert torch.equal(layer(x), twin(x))
    assert isinstance(layer(x).grad_fn, torch.autograd.function.BackwardCFunction)
