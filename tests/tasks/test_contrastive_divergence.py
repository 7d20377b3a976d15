from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from zoo.functions.coins import Coins
from zoo.functions.rbm import contrastive_divergence
from zoo.models.rbm import RBM
from zoo.tasks.contrastive_divergence import ContrastiveDivergence
from zoo.tasks.rbm_options import RBMOptions

GOLDEN = Path(__file__).parent.parent / "golden/deep_learn_toolbox_rbm.npz"


class _Given(Coins):
    """Coins that fall as given uniform numbers say."""

    def __init__(self, *uniform):
        super().__init__(torch.Generator())
        self.uniform = iter(uniform)

    def toss(self, probability, *, out=None):
        return (
            torch.empty_like(probability).copy_(probability > next(self.uniform))
            if out is None
            else out.copy_(probability > next(self.uniform))
        )


def _machine(units="bernoulli"):
    torch.manual_seed(0)
    model = RBM(visible=6, hidden=4, units=units).double()
    for parameter in model.parameters():
        parameter.data.normal_()
    return model


def _data(batch=5):
    return (torch.rand(batch, 6, generator=torch.Generator().manual_seed(1)) > 0.5).double()


def _uniform(*columns, batch=5):
    generator = torch.Generator().manual_seed(2)
    return [torch.rand(batch, each, dtype=torch.double, generator=generator) for each in columns]


def _assert_direction(model, expected):
    for parameter, direction in zip(model.parameters(), expected, strict=True):
        assert torch.allclose(parameter.grad, -direction, atol=1e-12, rtol=0)


def test_two_steps_are_the_toolboxs_given_its_random_numbers():
    trace = {name: torch.from_numpy(value).squeeze(-1) for name, value in np.load(GOLDEN).items()}
    model = RBM(visible=20, hidden=8).double()
    model.load_state_dict({"weight": trace["W"], "visible_bias": trace["b"], "hidden_bias": trace["c"]})
    coins = _Given(*(trace[name] for name in ("u_h1_1", "u_v2_1", "u_h1_2", "u_v2_2")))
    divergence = ContrastiveDivergence(model, RBMOptions(hidden_statistics="sample"), coins)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5, fused=True)
    for number, batch in enumerate(trace["x"].split(10), start=1):
        divergence.step(batch)
        optimizer.step()
        for name, parameter in zip("Wbc", model.parameters(), strict=True):
            assert torch.allclose(parameter, trace[f"{name}_after{number}"], atol=1e-12, rtol=0)


def test_three_steps_end_where_a_chain_of_three_does():
    model, visible, uniform = _machine(), _data(), _uniform(4, 6, 4, 6, 4, 6)
    ContrastiveDivergence(model, RBMOptions(steps=3), _Given(*uniform)).step(visible)
    end = visible
    for up, down in zip(uniform[::2], uniform[1::2], strict=True):
        hidden = (model.hidden_probability(end) > up).double()
        end = (model.visible_mean(hidden) > down).double()
    _assert_direction(model, contrastive_divergence(visible, end, model.weight, model.hidden_bias))


@pytest.mark.parametrize("units", ["bernoulli", "gaussian"])
def test_means_for_the_visible_units_leave_only_the_hidden_ones_to_chance(units):
    model, visible, uniform = _machine(units), _data(), _uniform(4)
    ContrastiveDivergence(model, RBMOptions(visible_states="mean"), _Given(*uniform)).step(visible)
    end = model.visible_mean((model.hidden_probability(visible) > uniform[0]).double())
    _assert_direction(model, contrastive_divergence(visible, end, model.weight, model.hidden_bias))


def test_gaussian_units_are_sampled_with_unit_variance():
    model, visible = _machine("gaussian"), torch.zeros(40_000, 6, dtype=torch.double)
    model.weight.data.zero_()
    divergence = ContrastiveDivergence(model, RBMOptions(), Coins(torch.Generator().manual_seed(0)))
    with torch.no_grad():
        fantasy = divergence._down(torch.zeros(40_000, 4, dtype=torch.double))
    assert torch.allclose(fantasy.std(0), torch.ones(6).double(), atol=0.02)
    assert torch.allclose(fantasy.mean(0), model.visible_bias, atol=0.02)
    divergence.step(visible[:3])  # a smaller batch fits into the same memory


def test_a_persistent_chain_goes_on_where_it_was_whatever_the_data():
    model, visible = _machine(), _data()
    uniform = _uniform(4, 6, 4, 4, 6, 4)
    divergence = ContrastiveDivergence(model, RBMOptions(persistent=True), _Given(*uniform))
    divergence.step(visible)
    hidden = (model.hidden_probability(visible) > uniform[0]).double()
    first = (model.visible_mean(hidden) > uniform[1]).double()
    hidden = (model.hidden_probability(first) > uniform[2]).double()
    assert torch.equal(divergence.chain, hidden)
    other = 1 - visible[:5]
    divergence.step(other)
    end = (model.visible_mean(hidden) > uniform[4]).double()
    _assert_direction(model, contrastive_divergence(other, end, model.weight, model.hidden_bias))


def test_a_smaller_last_batch_meets_all_persistent_chains():
    model = _machine()
    divergence = ContrastiveDivergence(model, RBMOptions(persistent=True), Coins(torch.Generator().manual_seed(0)))
    divergence.step(_data(5))
    divergence.step(_data(2))
    assert divergence.chain.shape == (5, 4)
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_sparsity_draws_the_activities_to_their_target():
    model, visible, options = _machine(), _data(), RBMOptions(sparsity_target=0.1, sparsity_cost=2.0)
    plain = [parameter.grad for parameter in _after_a_step(_machine(), replace(options, sparsity_cost=0.0)).parameters()]
    pull = 2.0 * (model.hidden_probability(visible).mean(0) - 0.1)
    weight, visible_bias, hidden_bias = (
        parameter.grad - other for parameter, other in zip(_after_a_step(model, options).parameters(), plain, strict=True)
    )
    assert torch.allclose(weight, torch.outer(pull, visible.mean(0)))
    assert torch.allclose(hidden_bias, pull)
    assert not visible_bias.any()


def test_centred_steps_do_not_depend_on_which_state_is_called_one():
    options = RBMOptions(centered=True, visible_states="mean")
    one, other = _machine(), _machine()
    other.visible_bias.data[2] *= -1
    other.hidden_bias.data += other.weight.data[:, 2]
    other.weight.data[:, 2] *= -1
    visible = _data()
    renamed = visible.clone()
    renamed[:, 2] = 1 - renamed[:, 2]
    for model, data in ((one, visible), (other, renamed)):
        ContrastiveDivergence(model, options, _Given(*_uniform(4))).step(data)
        for parameter in model.parameters():
            parameter.data -= 0.1 * parameter.grad
    assert torch.allclose(other.visible_bias[2], -one.visible_bias[2])
    assert torch.allclose(other.weight[:, 2], -one.weight[:, 2])
    assert torch.allclose(other.hidden_bias, one.hidden_bias + one.weight[:, 2])
    assert torch.allclose(other.weight[:, :2], one.weight[:, :2])


def _after_a_step(model, options):
    ContrastiveDivergence(model, options, _Given(*_uniform(4, 6))).step(_data())
    return model


@pytest.mark.cuda
def test_a_step_on_the_gpu_is_the_cpus_where_nothing_is_left_to_chance():
    visible, options = _data(), RBMOptions(visible_states="mean")
    gradients = []
    for device in ("cpu", "cuda"):
        model = _machine().to(device)
        model.hidden_bias.data.copy_(torch.tensor([1e4, -1e4, 1e4, -1e4]))  # these units are sure
        ContrastiveDivergence(model, options, Coins(torch.Generator(device).manual_seed(0))).step(visible.to(device))
        gradients.append([parameter.grad.cpu() for parameter in model.parameters()])
    for ours, theirs in zip(*gradients, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-10)
