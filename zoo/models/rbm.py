"""The restricted Boltzmann machine, with binary or Gaussian visible units.

Sizes in shapes: B batch, V visible units, H hidden units, C clamped units.

Reference: Hinton, "A Practical Guide to Training Restricted Boltzmann Machines", 2010; slides D4:178-220. Names and shapes:
``weight[hidden, visible]`` as in the slide's code, the transpose of its formula's ``w_ij`` (erratum E46); ``visible_bias`` is
the slide's ``b``, ``hidden_bias`` its ``c``. A method whose name has *probability* or *mean* gives an expectation; one whose name
has *sample* gives states. The slide calls its ``h2`` a state and computes a probability (E44), and equation 11 calls visible
units ``h^(2)`` (E45); no such names are used here.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.functions.coins import Coins
from zoo.functions.rbm import bernoulli_free_energy, gaussian_free_energy, hidden_probability, visible_mean
from zoo.registry import register_model

Units = Literal["bernoulli", "gaussian"]


class RBM(nn.Module):
    """Two layers of units, every visible one joined to every hidden one. The hidden ones are binary.

    Args:
        visible: Number of visible units V.
        hidden: Number of hidden units H.
        units: Visible units: ``bernoulli`` for values in [0, 1], ``gaussian`` for real ones of about unit variance.
    """

    def __init__(self, *, visible: int = 784, hidden: int = 500, units: Units = "bernoulli") -> None:
        super().__init__()
        if units not in ("bernoulli", "gaussian"):
            raise ZooError(f"units {units!r}: must be bernoulli or gaussian")
        if min(visible, hidden) < 1:
            raise ZooError(f"{visible} visible and {hidden} hidden units: a machine needs at least one of each")
        self.gaussian = units == "gaussian"
        self.weight = nn.Parameter(torch.empty(hidden, visible).normal_(std=0.01))  # Hinton 2010, section 8
        self.visible_bias = nn.Parameter(torch.zeros(visible))
        self.hidden_bias = nn.Parameter(torch.zeros(hidden))

    def forward(self, visible: Float[Tensor, "B *V"]) -> Float[Tensor, " B"]:
        """Free energy in nats: minus the logarithm of each example's probability, but for a constant. A picture is flattened row by row."""
        free_energy = gaussian_free_energy if self.gaussian else bernoulli_free_energy
        return free_energy(visible.flatten(1), self.weight, self.visible_bias, self.hidden_bias)

    def hidden_probability(self, visible: Float[Tensor, "B V"]) -> Float[Tensor, "B H"]:
        """Probability of each hidden unit to be on, given the visible ones."""
        return hidden_probability(visible, self.weight, self.hidden_bias)

    def visible_mean(self, hidden: Float[Tensor, "B H"]) -> Float[Tensor, "B V"]:
        """Mean of each visible unit given the hidden ones; for binary units, the probability to be on."""
        return visible_mean(hidden, self.weight, self.visible_bias, gaussian=self.gaussian)

    def sample_visible(self, mean: Float[Tensor, "B V"], coins: Coins) -> Float[Tensor, "B V"]:
        """States of visible units that have these means."""
        if self.gaussian:
            return mean + torch.empty_like(mean).normal_(generator=coins.generator)
        return coins.toss(mean)

    def check(self, visible: Tensor) -> None:
        """Refuse what cannot be values of the visible units.

        Raises:
            ZooError: Not rows of floats, no example, another width than V, NaN or infinity, or, for binary units, a value outside
                [0, 1].
        """
        width = len(self.visible_bias)
        if visible.ndim != 2 or not visible.is_floating_point():
            kind = str(visible.dtype).removeprefix("torch.")
            raise ZooError(f"inputs are {kind} of shape {tuple(visible.shape)}; give floats, an example a row: B x {width}")
        if visible.shape[1] != width:
            raise ZooError(f"inputs have {visible.shape[1]} values, the machine has {width} visible units; make both equal")
        if len(visible) == 0:
            raise ZooError("there is no example; give at least one")
        low, high = (float(bound) for bound in visible.aminmax())
        if not (abs(low) < float("inf") and abs(high) < float("inf")):  # aminmax passes NaN on
            raise ZooError("the inputs hold NaN or infinity; clean the data first")
        if not self.gaussian and (low < 0 or high > 1):
            raise ZooError(f"inputs from {low:g} to {high:g}: binary units take [0, 1]; scale the data, or choose units gaussian")

    @torch.no_grad()
    def start_at(self, data_mean: Float[Tensor, " V"]) -> None:
        """Set the visible biases so that, with no weights, the visible units have the data's means.

        References:
            Hinton 2010, section 8.1. A binary unit that is never on, or always, counts as one that is so 99.9 % of the time.
        """
        self.visible_bias.copy_(data_mean if self.gaussian else torch.logit(data_mean, eps=1e-3))

    @torch.no_grad()
    def transform(self, visible: Float[Tensor, "B V"]) -> Float[Tensor, "B H"]:
        """Features of inputs that are checked first: the hidden units' probabilities.

        Raises:
            ZooError: What ``check`` refuses.
        """
        self.check(visible)
        return self.hidden_probability(visible)

    @torch.no_grad()
    def reconstruct(self, visible: Float[Tensor, "B V"]) -> Float[Tensor, "B V"]:
        """Means of the visible units given the hidden units' probabilities: one step up and down, without noise.

        Raises:
            ZooError: What ``check`` refuses.
        """
        return self.visible_mean(self.transform(visible))

    @torch.no_grad()
    def gibbs(
        self, visible: Float[Tensor, "B V"], *, steps: int, generator: torch.Generator, clamped: Float[Tensor, "B C"] | None = None
    ) -> Float[Tensor, "B V"]:
        """Run a Gibbs chain from each example, every unit of both layers sampled.

        Args:
            visible: Where the chains start.
            steps: Of every chain.
            generator: Of all states.
            clamped: What the last C visible units are held at; without it they follow the chain as all others do.

        Returns:
            The visible units' means at the end, given the last hidden states: pictures without the last step's noise.
            ``sample_visible`` makes states of them.
        """
        coins, mean = Coins(generator), visible
        for step in range(steps):
            state = self.sample_visible(mean, coins) if step else visible
            if clamped is not None:
                state = torch.cat([state[:, : -clamped.shape[1]], clamped], dim=1)
            mean = self.visible_mean(coins.toss(self.hidden_probability(state)))
        return mean

    @torch.no_grad()
    def sample(
        self, count: int, *, steps: int = 1000, generator: torch.Generator, clamped: Float[Tensor, "B C"] | None = None
    ) -> Float[Tensor, "B V"]:
        """Fantasies: means of the visible units at the end of ``count`` chains that start at the biases' own means."""
        mean = self.visible_mean(self.weight.new_zeros(count, len(self.hidden_bias)))
        return self.gibbs(self.sample_visible(mean, Coins(generator)), steps=steps, generator=generator, clamped=clamped)

    @torch.no_grad()
    def pseudo_likelihood(self, visible: Float[Tensor, "B V"], generator: torch.Generator) -> Float[Tensor, " B"]:
        r"""Estimate :math:`\sum_i \log p(v_i | v_{-i})` of each example, in nats, from one unit drawn at random.

        Unbiased: V times one term, :math:`\log\sigma(F(v') - F(v))` with that unit flipped in v'. For binary data; with
        grey values it is no likelihood, though it still says which way training goes.

        Raises:
            ZooError: Gaussian units, which cannot be flipped.

        References:
            Besag, "Statistical analysis of non-lattice data", 1975.
        """
        if self.gaussian:
            raise ZooError("the pseudo-likelihood flips binary units, and these are gaussian; compare free energies instead")
        unit = torch.randint(visible.shape[1], (len(visible), 1), generator=generator, device=generator.device)
        flipped = visible.scatter(1, unit, 1 - visible.gather(1, unit))
        return visible.shape[1] * F.logsigmoid(self(flipped) - self(visible))


@register_model(example=lambda *, visible=784, **_: torch.zeros(2, visible))
def rbm(*, visible: int = 784, hidden: int = 500, units: Units = "bernoulli") -> RBM:
    """A restricted Boltzmann machine: 784 binary visible and 500 hidden units unless told otherwise. Its output is the free energy."""
    return RBM(visible=visible, hidden=hidden, units=units)
