import re

import pytest
import torch

import zoo
from zoo.errors import ZooError
from zoo.functions.coins import Coins
from zoo.functions.partition_function import log_partition
from zoo.models.rbm import RBM


def _generator(seed=0):
    return torch.Generator().manual_seed(seed)


def _machine(visible=4, hidden=3, units="bernoulli", scale=1.0):
    model = RBM(visible=visible, hidden=hidden, units=units).double().requires_grad_(False)
    for parameter in model.parameters():
        parameter.normal_(std=scale, generator=_generator())
    return model


def _states(units):
    return torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.double)] * units)


def test_a_long_chain_visits_pictures_as_often_as_the_free_energy_says():
    model, generator = _machine(), _generator(1)
    log_share = -model(_states(4)) - log_partition(model.weight, model.visible_bias, model.hidden_bias)
    start = torch.zeros(40_000, 4, dtype=torch.double)
    state = model.sample_visible(model.gibbs(start, steps=60, generator=generator), Coins(generator))
    count = torch.bincount((state @ torch.tensor([8.0, 4.0, 2.0, 1.0]).double()).long(), minlength=16).double()
    assert torch.allclose(count / len(state), log_share.exp(), atol=0.01)


def test_a_long_chain_of_gaussian_units_has_the_moments_of_the_mixture():
    model, generator = _machine(2, 2, units="gaussian", scale=0.5), _generator(1)
    hidden = _states(2)
    mean = model.visible_mean(hidden)
    share = (hidden @ model.hidden_bias + 0.5 * mean.square().sum(1)).softmax(0)
    state = model.sample_visible(model.sample(40_000, steps=40, generator=generator), Coins(generator))
    assert torch.allclose(state.mean(0), share @ mean, atol=0.03)
    assert torch.allclose(state.square().mean(0), share @ mean.square() + 1, atol=0.06)


def test_the_pseudo_likelihood_is_unbiased():
    model, visible = _machine(), _states(4)
    flips = [torch.where(torch.arange(4) == unit, 1 - visible, visible) for unit in range(4)]
    exact = sum(torch.nn.functional.logsigmoid(model(flipped) - model(visible)) for flipped in flips)
    found = model.pseudo_likelihood(visible.repeat(20_000, 1), _generator()).view(20_000, 16).mean(0)
    assert torch.allclose(found, exact, atol=0.1)


def test_with_no_weights_the_pseudo_likelihood_of_matching_biases_is_the_likelihood():
    model = RBM(visible=3, hidden=2).requires_grad_(False)
    model.weight.zero_()
    model.start_at(torch.tensor([0.25, 0.25, 0.25]))
    assert model.pseudo_likelihood(torch.ones(5, 3), _generator()).tolist() == pytest.approx([3 * torch.tensor(0.25).log().item()] * 5)


def test_reconstruction_is_one_noiseless_step_up_and_down():
    model, visible = _machine(), _states(4)
    up = torch.sigmoid(visible @ model.weight.T + model.hidden_bias)
    assert torch.allclose(model.transform(visible), up)
    assert torch.allclose(model.reconstruct(visible), torch.sigmoid(up @ model.weight + model.visible_bias))


def test_the_biases_start_at_the_datas_means():
    model = RBM(visible=3, hidden=2).requires_grad_(False)
    model.weight.zero_()
    model.start_at(torch.tensor([0.0, 0.3, 1.0]))
    assert torch.allclose(model.visible_mean(torch.zeros(1, 2)), torch.tensor([[0.001, 0.3, 0.999]]))


def test_chains_are_the_generators():
    model = zoo.get_model("rbm", visible=9, hidden=4)
    first, second = (model.sample(3, steps=5, generator=_generator(seed)) for seed in (0, 0))
    assert torch.equal(first, second)


@pytest.mark.parametrize(
    ("visible", "message"),
    [
        (torch.zeros(4), "float32 of shape (4,); give floats, an example a row: B x 4"),
        (torch.zeros(2, 1, 2, 2), "shape (2, 1, 2, 2)"),
        (torch.zeros(2, 4, dtype=torch.uint8), "inputs are uint8"),
        (torch.zeros(2, 5), "5 values, the machine has 4 visible units"),
        (torch.zeros(0, 4), "no example"),
        (torch.tensor([[0.0, 1.0, float("nan"), 0.0]]), "NaN or infinity"),
        (torch.tensor([[0.0, 1.0, float("inf"), 0.0]]), "NaN or infinity"),
        (torch.tensor([[0.0, 1.0, 255.0, 0.0]]), "from 0 to 255: binary units take"),
        (torch.tensor([[0.0, 1.0, -0.5, 0.0]]), "from -0.5 to 1"),
    ],
)
def test_unfit_inputs_are_refused(visible, message):
    with pytest.raises(ZooError, match=re.escape(message)):
        RBM(visible=4, hidden=3).check(visible)


def test_features_and_reconstructions_are_of_inputs_that_are_checked():
    model, visible = RBM(visible=4, hidden=3), torch.full((1, 4), 255.0)
    for use in (model.transform, model.reconstruct):
        with pytest.raises(ZooError, match="binary units take"):
            use(visible)


def test_gaussian_units_take_any_finite_value_but_have_no_pseudo_likelihood():
    model = RBM(visible=2, hidden=3, units="gaussian")
    model.check(torch.tensor([[-7.0, 9.0]]))
    with pytest.raises(ZooError, match="gaussian"):
        model.pseudo_likelihood(torch.zeros(1, 2), _generator())


def test_a_machine_without_hidden_units_is_refused():
    with pytest.raises(ZooError, match="at least one of each"):
        RBM(hidden=0)
