"""How likely an RBM finds data: its partition function, summed exactly or estimated by annealed importance sampling.

Sizes in shapes: B batch, V visible units, H hidden units, N chains. Everything is in nats.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from tqdm import tqdm

from zoo.errors import ZooError, check_range
from zoo.functions.coins import Coins
from zoo.functions.partition_function import states
from zoo.models.rbm import RBM

MOST_UNITS = 22
"""Hidden units that are enumerated, at most: four million states."""

_CHUNK = 12  # units whose states are held in memory at once
_SIGMAS = 3.0


@torch.no_grad()
def exact_log_partition(model: RBM) -> float:
    r"""The log-partition function by enumeration of the hidden states, in double precision.

    The visible units are summed, or integrated, in closed form: binary ones give :math:`\sum_i \mathrm{softplus}` of their
    fields, Gaussian ones :math:`\frac{V}{2}\log 2\pi + \frac12\|b + W^T h\|^2 - \frac12\|b\|^2`.

    Raises:
        ZooError: More than 22 hidden units.
    """
    if len(model.hidden_bias) > MOST_UNITS:
        raise ZooError(f"{len(model.hidden_bias)} hidden units have too many states to add up, at most {MOST_UNITS}; sample them instead")
    weight, visible_bias, hidden_bias = _double(model)
    parts = []
    for state in _states(len(hidden_bias), device=weight.device):
        field = state @ weight + visible_bias
        if model.gaussian:
            summed = 0.5 * (math.log(2 * math.pi) + field.square() - visible_bias.square())
        else:
            summed = torch.logaddexp(field, field.new_zeros(()))
        parts.append((state @ hidden_bias + summed.sum(1)).logsumexp(0))
    return float(torch.stack(parts).logsumexp(0))


def _double(model: RBM) -> tuple[Tensor, Tensor, Tensor]:
    return model.weight.double(), model.visible_bias.double(), model.hidden_bias.double()


def _states(units: int, *, device: torch.device) -> Iterator[Tensor]:
    """Every state of so many binary units, some thousands at a time."""
    for number in torch.arange(2**units, device=device).split(2**_CHUNK):
        yield states(number, units=units).double()


@dataclass(frozen=True)
class LogPartition:
    """An estimate of log Z with its interval of three standard errors of Z.

    ``low`` is minus infinity where the standard error is a third of the estimate or more: then there are too few chains
    or temperatures.
    """

    value: float
    low: float
    high: float


@torch.no_grad()
def annealed_log_partition(
    model: RBM, *, data_mean: Float[Tensor, " V"], generator: torch.Generator, chains: int = 100, temperatures: int = 14_500
) -> LogPartition:
    r"""Estimate the log-partition function by annealed importance sampling.

    Chains start as samples of the base-rate model, whose visible units are independent with the data's means, and are led to
    the model by :math:`\log p^*_\beta(v) = (1-\beta)\, b_A \cdot v + \beta\, b \cdot v + \sum_j \mathrm{softplus}(\beta(c_j + W_j v))`
    (for Gaussian units with the squares of both), one Gibbs step at every temperature. Z itself is estimated without bias;
    its logarithm, low on average. A progress bar is shown on a terminal.

    Args:
        model: The machine.
        data_mean: Mean of the training data, one value a visible unit.
        generator: Of the chains; on the model's device.
        chains: Number N of chains.
        temperatures: Steps from the base-rate model to the machine, close together near the end.

    Raises:
        ZooError: Means that cannot be the visible units', or a number of chains or temperatures that is too small.

    References:
        Salakhutdinov and Murray, "On the quantitative analysis of deep belief networks", ICML 2008, sections 4.1 and 4.2.
    """
    check_range("chains", chains, least=2)
    check_range("temperatures", temperatures, least=1)
    model.check(data_mean[None])
    base = data_mean if model.gaussian else torch.logit(data_mean.clamp(1e-3, 1 - 1e-3))
    coins, bias = Coins(generator), model.visible_bias
    mean = (base if model.gaussian else base.sigmoid()).expand(chains, -1)
    log_weight = torch.zeros(chains, dtype=torch.double, device=bias.device)
    last = 0.0
    for beta in tqdm(_schedule(temperatures), desc="annealing", leave=False, disable=None):
        state = model.sample_visible(mean, coins)
        field = F.linear(state, model.weight, model.hidden_bias)
        log_weight += (beta - last) * _log_ratio(state, base, bias, gaussian=model.gaussian)
        log_weight += (F.softplus(beta * field) - F.softplus(last * field)).sum(1)
        on = coins.toss(torch.sigmoid(beta * field))
        mean = torch.addmm((1 - beta) * base + beta * bias, on, model.weight, alpha=beta)
        mean = mean if model.gaussian else mean.sigmoid_()
        last = beta
    return _estimate(log_weight, _log_base(base, hidden=len(model.hidden_bias), gaussian=model.gaussian))


def _schedule(temperatures: int) -> list[float]:
    """Inverse temperatures above 0 up to 1, as dense as those of the paper: 500 to 0.5, 4,000 to 0.9, 10,000 to 1."""
    share = torch.arange(1, temperatures + 1, dtype=torch.double) / temperatures
    known = torch.tensor([0.0, 500 / 14_500, 4500 / 14_500, 1.0], dtype=torch.double)
    beta = torch.tensor([0.0, 0.5, 0.9, 1.0], dtype=torch.double)
    piece = torch.bucketize(share, known[1:-1])
    slope = beta.diff() / known.diff()
    return (beta[piece] + slope[piece] * (share - known[piece])).tolist()


def _log_ratio(state: Tensor, base: Tensor, bias: Tensor, *, gaussian: bool) -> Tensor:
    """What the visible units alone add to log p* from the base-rate model to the machine."""
    if gaussian:
        return 0.5 * ((state - base).square() - (state - bias).square()).sum(1)
    return state @ (bias - base)


def _log_base(base: Tensor, *, hidden: int, gaussian: bool) -> float:
    """Log Z of the base-rate model: free visible units, and hidden ones with both states alike."""
    visible = 0.5 * math.log(2 * math.pi) * len(base) if gaussian else float(F.softplus(base.double()).sum())
    return visible + hidden * math.log(2)


def _estimate(log_weight: Tensor, log_base: float) -> LogPartition:
    top = log_weight.max()
    weight = (log_weight - top).exp()
    mean, error = float(weight.mean()), _SIGMAS * float(weight.std()) / math.sqrt(len(weight))
    offset = float(top) + log_base
    low = math.log(mean - error) if mean > error else -math.inf
    return LogPartition(offset + math.log(mean), offset + low, offset + math.log(mean + error))


@torch.no_grad()
def log_likelihood(model: RBM, visible: Float[Tensor, "B V"], log_partition: float) -> float:
    """Mean log-likelihood of examples in nats a case; for Gaussian units, log-density.

    Args:
        model: The machine.
        visible: Binary data, fixed: grey values are no states, and give another figure.
        log_partition: The exact value, or an estimate's; an upper end gives a lower bound.

    Raises:
        ZooError: What the model's ``check`` refuses.
    """
    model.check(visible)
    return float(-model(visible).double().mean()) - log_partition
