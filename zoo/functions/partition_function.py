"""The exact log-partition function of a small restricted Boltzmann machine, by enumeration.

Sizes in shapes: V visible units, H hidden units, N states.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.native import is_native
from zoo.functions.rbm import bernoulli_free_energy_native, hidden_probability
from zoo.functions.registry import register_function

MOST_UNITS = 16
"""Units of the smaller side, at most: 65,536 states."""


class _LogPartition(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
        return (-bernoulli_free_energy_native(_states(visible_bias), weight, visible_bias, hidden_bias)).logsumexp(0)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        weight, visible_bias, hidden_bias, log_partition = ctx.saved_tensors
        state = _states(visible_bias)
        log_share = -bernoulli_free_energy_native(state, weight, visible_bias, hidden_bias) - log_partition
        share = grad * log_share.exp()
        active = share[:, None] * hidden_probability(state, weight, hidden_bias)
        return active.mT @ state, share @ state, active.sum(0)


def _states(bias: Tensor) -> Tensor:
    """Every state of as many binary units as there are biases, one a row."""
    return states(torch.arange(2 ** len(bias), device=bias.device), units=len(bias)).to(bias.dtype)


def states(number: Int[Tensor, " N"], *, units: int) -> Int[Tensor, "N _"]:
    """States of so many binary units, one for each number: its binary digits, the lowest first."""
    return number[:, None] >> torch.arange(units, device=number.device) & 1


def log_partition_native(
    weight: Float[Tensor, "H V"], visible_bias: Float[Tensor, " V"], hidden_bias: Float[Tensor, " H"]
) -> Float[Tensor, ""]:
    """The native twin: enumerates the visible side."""
    return (-bernoulli_free_energy_native(_states(visible_bias), weight, visible_bias, hidden_bias)).logsumexp(0)


@register_function(
    formula="(18)",
    native=log_partition_native,
    example=lambda draw: (draw(3, 4), draw(4), draw(3)),
    extremes={
        "more hidden than visible units": lambda draw: (draw(5, 2), draw(2), draw(5)),
        "one unit on each side": lambda draw: (draw(1, 1), draw(1), draw(1)),
        "saturated": lambda draw: ((1e3 * draw(3, 4)).detach().requires_grad_(), draw(4), draw(3)),
    },
)
def log_partition(weight: Float[Tensor, "H V"], visible_bias: Float[Tensor, " V"], hidden_bias: Float[Tensor, " H"]) -> Float[Tensor, ""]:
    r"""Log of the partition function of a binary machine, :math:`\log Z = \log \sum_v e^{-F(v)}`.

    Its gradient is what contrastive divergence estimates: the mean of :math:`p(h|v) v^T` under the model. With it the
    likelihood of data is exact: ``-bernoulli_free_energy(visible, ...) - log_partition(...)``, in nats.

    Args:
        weight: Connections.
        visible_bias: The bias ``b``.
        hidden_bias: The bias ``c``.

    Raises:
        ZooError: Both sides have more than 16 units.

    References:
        MATHS.md (18).
    """
    if min(weight.shape) > MOST_UNITS:
        raise ZooError(f"weight of shape {tuple(weight.shape)}: one side must have at most {MOST_UNITS} units; sample instead")
    if weight.shape[0] < weight.shape[1]:  # the machine looks the same from both sides; sum over the smaller one
        weight, visible_bias, hidden_bias = weight.mT, hidden_bias, visible_bias
    return (log_partition_native if is_native() else _LogPartition.apply)(weight, visible_bias, hidden_bias)
