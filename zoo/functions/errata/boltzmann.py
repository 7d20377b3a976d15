"""Errata of restricted Boltzmann machines."""

import torch
from torch import Tensor

from zoo.functions.draw import Draw
from zoo.functions.errata.registry import Finding, find, register_erratum
from zoo.functions.rbm import bernoulli_free_energy_native, hidden_probability


@register_erratum("E44", where="D4:213", literal="h2: inferred hidden state, a sample", corrected="h2 = p(h|v2), as the code has it")
def sampled_last_state(draw: Draw) -> Finding:
    """The caption calls ``h2`` a state; the code takes its probabilities, which make the step a gradient without noise."""
    weight, b, c = draw(3, 4), draw.constant(4), draw.constant(3)
    v1, v2 = draw.binary(5, 4), draw.binary(5, 4)
    h1, h2 = (hidden_probability(v, weight.detach(), c) for v in (v1, v2))
    state = (h2 > draw.positive(5, 3) - 0.5).to(h2)  # thresholds in [0, 1)
    return find(
        literal=lambda: (h1.T @ v1 - state.T @ v2) / 5,
        corrected=lambda: (h1.T @ v1 - h2.T @ v2) / 5,
        truth=_descent(v1, v2, weight, b, c),
    )


@register_erratum(
    "E45", where="D4:218", literal="Δw ∝ <v h1 - h2 h3>, h2 the hidden units", corrected="h(2) of equation 11 are the visible v2"
)
def visible_units_named_hidden(draw: Draw) -> Finding:
    """Equation 11 numbers the layers of an unrolled chain: its ``h(2)`` is the code's ``v2``, its ``h(3)`` the code's ``h2``."""
    weight, b, c = draw(3, 3), draw.constant(3), draw.constant(3)  # as many hidden as visible units, or the literal one has no shape
    v1, v2 = draw.binary(5, 3), draw.binary(5, 3)
    h1, h2 = (hidden_probability(v, weight.detach(), c) for v in (v1, v2))
    return find(
        literal=lambda: (h1.T @ (v1 - h2) + (h1 - h2).T @ h2) / 5,
        corrected=lambda: (h1.T @ (v1 - v2) + (h1 - h2).T @ v2) / 5,
        truth=_descent(v1, v2, weight, b, c),
    )


def _descent(v1: Tensor, v2: Tensor, weight: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """Minus the gradient, by the weights, of the mean difference between the free energies of both ends of the chain."""
    gap = bernoulli_free_energy_native(v1, weight, b, c) - bernoulli_free_energy_native(v2, weight, b, c)
    return -torch.autograd.grad(gap.mean(), weight)[0]


@register_erratum("E46", where="D4:202", literal="p(h_j|v) = σ(c_j + Σ_i w_ij v_i) with rbm.W", corrected="σ(c_j + Σ_i W_ji v_i)")
def transposed_weights(draw: Draw) -> Finding:
    """The formula's ``w_ij`` goes from visible i to hidden j; the code beside it keeps ``rbm.W(hidden, visible)``."""
    weight, c, visible = draw.constant(3, 3), draw.constant(3), draw.binary(5, 3)  # square, or the literal one has no shape
    state = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=weight.dtype)] * 3)  # every hidden state
    score = torch.einsum("sh,hv,bv->bs", state, weight, visible) + state @ c
    return find(
        literal=lambda: torch.sigmoid(c + visible @ weight),
        corrected=lambda: torch.sigmoid(c + visible @ weight.T),
        truth=score.softmax(-1) @ state,
    )
