"""Restricted Boltzmann machines: free energies, conditionals and the statistics of contrastive divergence.

Sizes in shapes: B batch, V visible units, H hidden units. Weights are ``weight[hidden, visible]`` as in
DeepLearnToolbox (slide D4:182; the formulas beside it transpose them, erratum E46). Hidden units are binary; Gaussian
visible units have unit variance.
"""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _FreeEnergy(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(visible: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor, gaussian: bool) -> tuple[Tensor, Tensor]:
        # The hidden units' field is an output, for what is kept for two derivatives must be one, and a product is dear.
        field = F.linear(visible, weight, hidden_bias)
        visible_part = 0.5 * (visible - visible_bias).square().sum(-1) if gaussian else -visible @ visible_bias
        # softplus(z) = -log sigmoid(-z); F.softplus itself turns into the identity at z = 20, which costs digits.
        return visible_part + F.logsigmoid(-field).sum(-1), field

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, Tensor, bool], output: tuple[Tensor, Tensor]) -> None:
        visible, weight, visible_bias, _, ctx.gaussian = inputs
        ctx.save_for_backward(visible, weight, visible_bias, output[1])

    @staticmethod
    def backward(ctx: Any, grad: Tensor, grad_field: Tensor) -> tuple[Tensor | None, Tensor, Tensor, Tensor, None]:
        visible, weight, visible_bias, field = ctx.saved_tensors
        grad = grad[..., None]
        by_field = grad_field - grad * torch.sigmoid(field)
        pull = grad * (visible - visible_bias if ctx.gaussian else -visible_bias)
        grad_visible = pull + by_field @ weight if ctx.needs_input_grad[0] else None
        grad_visible_bias = -(pull if ctx.gaussian else grad * visible).sum(-2)
        return grad_visible, by_field.mT @ visible, grad_visible_bias, by_field.sum(-2), None


def bernoulli_free_energy_native(
    visible: Float[Tensor, "B V"], weight: Float[Tensor, "H V"], visible_bias: Float[Tensor, " V"], hidden_bias: Float[Tensor, " H"]
) -> Float[Tensor, " B"]:
    """The native twin."""
    return -(visible * visible_bias).sum(-1) - _softplus_sum(visible, weight, hidden_bias)


@register_function(
    formula="(17)",
    native=bernoulli_free_energy_native,
    example=lambda draw: (draw(4, 5), draw(3, 5), draw(5), draw(3)),
    extremes={
        "batch of one": lambda draw: (draw(1, 5), draw(3, 5), draw(5), draw(3)),
        "empty batch": lambda draw: (draw(0, 5), draw(3, 5), draw(5), draw(3)),
        "saturated": lambda draw: (draw.binary(4, 5), (1e4 * draw(3, 5)).detach().requires_grad_(), draw(5), draw(3)),
        "one unit on each side": lambda draw: (draw(4, 1), draw(1, 1), draw(1), draw(1)),
    },
)
def bernoulli_free_energy(
    visible: Float[Tensor, "B V"], weight: Float[Tensor, "H V"], visible_bias: Float[Tensor, " V"], hidden_bias: Float[Tensor, " H"]
) -> Float[Tensor, " B"]:
    r"""Free energy for binary visible units, :math:`F(v) = -b \cdot v - \sum_j \mathrm{softplus}(c_j + W_j v)`.

    Args:
        visible: Visible states, or probabilities, in [0, 1].
        weight: Connections.
        visible_bias: The bias ``b``.
        hidden_bias: The bias ``c``.

    Returns:
        Minus the unnormalised log-probability of each example, in nats.

    References:
        Hinton, "A Practical Guide to Training Restricted Boltzmann Machines", 2010, section 16.1. Slides D4:202-213.
        Gradient: MATHS.md (17).
    """
    if is_native():
        return bernoulli_free_energy_native(visible, weight, visible_bias, hidden_bias)
    return _FreeEnergy.apply(visible, weight, visible_bias, hidden_bias, False)[0]


def gaussian_free_energy_native(
    visible: Float[Tensor, "B V"], weight: Float[Tensor, "H V"], visible_bias: Float[Tensor, " V"], hidden_bias: Float[Tensor, " H"]
) -> Float[Tensor, " B"]:
    """The native twin."""
    return 0.5 * (visible - visible_bias).square().sum(-1) - _softplus_sum(visible, weight, hidden_bias)


@register_function(
    formula="(21)",
    native=gaussian_free_energy_native,
    example=lambda draw: (draw(4, 5), draw(3, 5), draw(5), draw(3)),
    extremes={
        "batch of one": lambda draw: (draw(1, 5), draw(3, 5), draw(5), draw(3)),
        "empty batch": lambda draw: (draw(0, 5), draw(3, 5), draw(5), draw(3)),
        "saturated": lambda draw: ((1e4 * draw(4, 5)).detach().requires_grad_(), draw(3, 5), draw(5), draw(3)),
    },
)
def gaussian_free_energy(
    visible: Float[Tensor, "B V"], weight: Float[Tensor, "H V"], visible_bias: Float[Tensor, " V"], hidden_bias: Float[Tensor, " H"]
) -> Float[Tensor, " B"]:
    r"""Free energy for real visible units of unit variance, :math:`\frac12\|v-b\|^2 - \sum_j \mathrm{softplus}(c_j + W_j v)`.

    Args:
        visible: Visible values, standardised.
        weight: Connections.
        visible_bias: The bias ``b``.
        hidden_bias: The bias ``c``.

    Returns:
        Minus the unnormalised log-density of each example, in nats.

    References:
        Hinton 2010, section 13.2; Mohamed et al., "Acoustic Modeling using Deep Belief Networks", 2012 (slide D4:153).
        Gradient: MATHS.md (21).
    """
    if is_native():
        return gaussian_free_energy_native(visible, weight, visible_bias, hidden_bias)
    return _FreeEnergy.apply(visible, weight, visible_bias, hidden_bias, True)[0]


def _softplus_sum(visible: Tensor, weight: Tensor, hidden_bias: Tensor) -> Tensor:
    field = F.linear(visible, weight, hidden_bias)
    return torch.logaddexp(field, field.new_zeros(())).sum(-1)


def hidden_probability(
    visible: Float[Tensor, "B V"], weight: Float[Tensor, "H V"], hidden_bias: Float[Tensor, " H"]
) -> Float[Tensor, "B H"]:
    r"""Probability of each hidden unit to be on, :math:`p(h_j = 1 | v) = \sigma(c_j + W_j v)` (slide D4:202)."""
    return torch.sigmoid(F.linear(visible, weight, hidden_bias))


def visible_mean(
    hidden: Float[Tensor, "B H"], weight: Float[Tensor, "H V"], visible_bias: Float[Tensor, " V"], *, gaussian: bool = False
) -> Float[Tensor, "B V"]:
    r"""Mean of the visible units given the hidden: :math:`\sigma(b + W^T h)`, or :math:`b + W^T h` for Gaussian units (slide D4:205)."""
    field = F.linear(hidden, weight.mT, visible_bias)
    return field if gaussian else torch.sigmoid(field)


class Divergence(NamedTuple):
    """The direction in which contrastive divergence moves each parameter: add it, times the learning rate."""

    weight: Tensor
    visible_bias: Tensor
    hidden_bias: Tensor


@torch.no_grad()
def contrastive_divergence(
    start: Float[Tensor, "B V"],
    end: Float[Tensor, "B V"],
    weight: Float[Tensor, "H V"],
    hidden_bias: Float[Tensor, " H"],
    *,
    hidden: Float[Tensor, "B H"] | None = None,
) -> Divergence:
    r"""Statistics of CD-k, :math:`\Delta W = \langle p(h|v_0) v_0^T \rangle - \langle p(h|v_k) v_k^T \rangle`, means over the batch.

    They are minus the gradient of ``mean(F(start) - F(end))`` with the chain's end held fixed, for either kind of
    visible units. ``hidden`` names what stands for ``p(h|v_0)``: Hinton and DeepLearnToolbox take the sample that
    started the chain (slide D4:182), which has the same mean and more noise than the probabilities (erratum E44).

    Args:
        start: Data.
        end: Visible units after k steps of Gibbs sampling.
        weight: Connections.
        hidden_bias: The bias ``c``.
        hidden: Hidden states at the start; their probabilities if left out.

    References:
        Slides D4:182-220, equation 11 (erratum E45: its ``h^(2)`` are the visible units). MATHS.md (17), (20).
    """
    first = hidden_probability(start, weight, hidden_bias) if hidden is None else hidden
    last = hidden_probability(end, weight, hidden_bias)
    by_weight = (first.mT @ start - last.mT @ end) / len(start)
    return Divergence(by_weight, (start - end).mean(0), (first - last).mean(0))
