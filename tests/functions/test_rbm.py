import pytest
import torch

from zoo.errors import ZooError
from zoo.functions.draw import Draw
from zoo.functions.partition_function import log_partition
from zoo.functions.rbm import (
    bernoulli_free_energy,
    contrastive_divergence,
    gaussian_free_energy,
    hidden_probability,
    visible_mean,
)


def _machine(visible=4, hidden=3):
    draw = Draw()
    return draw(hidden, visible), draw(visible), draw(hidden)


def _states(units):
    return torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.double)] * units)


def _energy(machine):
    """E(v, h) = -b v - c h - h W v for every pair of states, by the definition."""
    weight, b, c = machine
    v, h = _states(len(b)), _states(len(c))
    return -(v @ b)[:, None] - h @ c - v @ weight.T @ h.T


def test_free_energy_by_hand():
    visible, weight = torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 5.0]])
    energy = bernoulli_free_energy(visible, weight, torch.tensor([0.5, 9.0]), torch.tensor([-2.0]))
    assert energy.item() == pytest.approx(-0.5 - torch.tensor(2.0).log().item())


def test_free_energy_sums_over_every_hidden_state():
    machine = _machine()
    assert torch.allclose(bernoulli_free_energy(_states(4), *machine), -(-_energy(machine)).logsumexp(1))


def test_gaussian_free_energy_sums_over_every_hidden_state():
    weight, b, c = _machine()
    visible, hidden = Draw(seed=1).constant(5, 4), _states(3)
    energy = 0.5 * (visible - b).square().sum(-1, keepdim=True) - hidden @ c - visible @ weight.T @ hidden.T
    assert torch.allclose(gaussian_free_energy(visible, weight, b, c), -(-energy).logsumexp(1))


def test_conditionals_are_those_of_the_joint_distribution():
    weight, b, c = machine = _machine()
    joint = -_energy(machine)
    assert torch.allclose(hidden_probability(_states(4), weight, c), joint.softmax(1) @ _states(3))
    assert torch.allclose(visible_mean(_states(3), weight, b), joint.softmax(0).T @ _states(4))


def test_gaussian_visible_units_have_their_linear_field_as_mean():
    weight, b, _ = _machine()
    hidden = _states(3)
    assert torch.allclose(visible_mean(hidden, weight, b, gaussian=True), b + hidden @ weight)


@pytest.mark.parametrize("free_energy", [bernoulli_free_energy, gaussian_free_energy])
def test_contrastive_divergence_is_minus_the_gradient_of_the_free_energies_difference(free_energy):
    machine = _machine()
    start, end = Draw(seed=1).binary(6, 4), Draw(seed=2).binary(6, 4)
    gap = (free_energy(start, *machine) - free_energy(end, *machine)).mean()
    for ours, theirs in zip(contrastive_divergence(start, end, machine[0], machine[2]), torch.autograd.grad(-gap, machine), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-12, rtol=0)


def test_contrastive_divergence_equals_equation_11():
    weight, _, c = _machine()
    v1, v2, h1 = Draw(seed=1).binary(6, 4), Draw(seed=2).binary(6, 4), Draw(seed=3).binary(6, 3)
    h2 = hidden_probability(v2, weight, c)
    expected = (h1.T @ (v1 - v2) + (h1 - h2).T @ v2) / 6
    found = contrastive_divergence(v1, v2, weight, c, hidden=h1)
    assert torch.allclose(found.weight, expected)
    assert torch.allclose(found.hidden_bias, (h1 - h2).mean(0))


@pytest.mark.parametrize(("visible", "hidden"), [(4, 3), (3, 4)])
def test_partition_function_sums_over_every_state(visible, hidden):
    machine = _machine(visible, hidden)
    assert torch.allclose(log_partition(*machine), (-_energy(machine)).flatten().logsumexp(0))


def test_gradient_of_the_partition_function_is_the_mean_under_the_model():
    weight, b, c = machine = _machine()
    share = (-_energy(machine)).flatten().softmax(0).view(16, 8)
    (by_weight,) = torch.autograd.grad(log_partition(weight, b, c), weight)
    assert torch.allclose(by_weight, torch.einsum("vh,vi,hj->ji", share, _states(4), _states(3)))


def test_likelihoods_of_all_pictures_sum_to_one():
    machine = _machine()
    assert torch.allclose((-bernoulli_free_energy(_states(4), *machine) - log_partition(*machine)).exp().sum(), torch.ones(()).double())


def test_a_wide_machine_with_few_hidden_units_can_be_summed():
    weight, b, c = torch.zeros(2, 100), torch.zeros(100), torch.zeros(2)
    assert log_partition(weight, b, c).item() == pytest.approx(102 * torch.tensor(2.0).log().item(), rel=1e-5)


def test_a_machine_too_large_for_enumeration_is_refused():
    with pytest.raises(ZooError, match="at most 16"):
        log_partition(torch.zeros(17, 20), torch.zeros(20), torch.zeros(17))
