"""One step of contrastive divergence, in memory of its own: five matrix products and little beside.

Sizes in shapes: B batch, V visible units, H hidden units, N chains.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.coins import Coins
from zoo.models.rbm import RBM
from zoo.tasks.rbm_options import RBMOptions

_DECAY = 0.99  # of the running means, a step


class ContrastiveDivergence:
    """Writes minus the direction of CD-k, or of persistent CD, into the parameters' ``.grad``.

    The hidden units of the chain are sampled, the visible ones as ``options.visible_states`` says. The statistics take the
    hidden units' probabilities at both ends, unless ``options.hidden_statistics`` asks for the slides' sample (E44).

    Args:
        model: The machine.
        options: How it learns; the learning rate, momentum and weight decay are the optimiser's.
        coins: Of the chains.

    References:
        Hinton 2010, sections 3, 4 and 11; Tieleman, "Training restricted Boltzmann machines using approximations to the
        likelihood gradient", ICML 2008. MATHS.md (17), (20), (21). Centred: Melchior, Fischer and Wiskott, "How to center
        deep Boltzmann machines", JMLR 17, 2016; with the running means of the data on both sides.
    """

    def __init__(self, model: RBM, options: RBMOptions, coins: Coins) -> None:
        self.model, self.options, self.coins = model, options, coins
        self.chain: Float[Tensor, "N H"] | None = None
        self.means: tuple[Float[Tensor, " V"], Float[Tensor, " H"]] | None = None
        self._memory: dict[str, Tensor] = {}

    @torch.no_grad()
    def step(self, visible: Float[Tensor, "B V"]) -> None:
        """Set the gradients for a batch of data; a persistent chain goes on."""
        probability = self._up(visible, "probability")
        hidden = self.coins.toss(probability, out=self._like(probability, "hidden"))
        if self.options.hidden_statistics == "sample":
            probability.copy_(hidden)
        if self.options.persistent:
            hidden = self.chain = hidden.clone() if self.chain is None else self.chain
        fantasy, last = self._walk(hidden)
        if self.options.persistent:
            self.coins.toss(last, out=hidden)
        self._differentiate(visible, probability, fantasy, last)

    def state_dict(self) -> dict[str, Any]:
        """What the next step takes from the last ones: the persistent chains, and the running means of the data's units."""
        return {"chain": self.chain, "means": self.means}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where ``state_dict`` was taken."""
        device = self.model.weight.device
        self.chain = None if state["chain"] is None else state["chain"].to(device)
        self.means = state["means"] and tuple(mean.to(device) for mean in state["means"])

    def _walk(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """The visible units after k steps from hidden states, and the hidden units' probabilities there."""
        fantasy = self._down(hidden)
        last = self._up(fantasy, "last")
        for _ in range(self.options.steps - 1):
            fantasy = self._down(self.coins.toss(last, out=self._like(last, "walker")))
            last = self._up(fantasy, "last")
        return fantasy, last

    def _up(self, visible: Tensor, name: str) -> Tensor:
        model = self.model
        out = self._memory_of(name, len(visible), len(model.hidden_bias))
        return torch.addmm(model.hidden_bias, visible, model.weight.mT, out=out).sigmoid_()

    def _down(self, hidden: Tensor) -> Tensor:
        model = self.model
        mean = self._memory_of("mean", len(hidden), len(model.visible_bias))
        torch.addmm(model.visible_bias, hidden, model.weight, out=mean)
        sampled = self.options.visible_states == "sample"
        if model.gaussian:
            noise = self._like(mean, "noise").normal_(generator=self.coins.generator) if sampled else 0
            return mean.add_(noise)
        mean.sigmoid_()
        return self.coins.toss(mean, out=self._like(mean, "fantasy")) if sampled else mean

    def _differentiate(self, visible: Tensor, probability: Tensor, fantasy: Tensor, last: Tensor) -> None:
        model = self.model
        weight, visible_bias, hidden_bias = map(self._gradient, (model.weight, model.visible_bias, model.hidden_bias))
        torch.mm(last.mT, fantasy, out=weight)
        weight.addmm_(probability.mT, visible, beta=1 / len(fantasy), alpha=-1 / len(visible))
        data_mean, activity = visible.mean(0), probability.mean(0)
        torch.mean(fantasy, 0, out=visible_bias).sub_(data_mean)
        torch.mean(last, 0, out=hidden_bias).sub_(activity)
        if self.options.centered or self.options.sparsity_cost:
            self._average(data_mean, activity)
        if self.options.centered:
            self._center(weight, visible_bias, hidden_bias)
        if self.options.sparsity_cost:
            pull = self.options.sparsity_cost * (self._running[1] - self.options.sparsity_target)
            weight.addr_(pull, data_mean)
            hidden_bias.add_(pull)

    def _average(self, data_mean: Tensor, activity: Tensor) -> None:
        if self.means is None:
            self.means = data_mean, activity
        else:
            self.means = self.means[0].lerp(data_mean, 1 - _DECAY), self.means[1].lerp(activity, 1 - _DECAY)

    @property
    def _running(self) -> tuple[Tensor, Tensor]:
        assert self.means is not None, "they are updated first"
        return self.means

    def _center(self, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> None:
        """Turn the gradients into those of a machine whose units are counted from their means, in this machine's parameters."""
        visible_mean, hidden_mean = self._running
        weight.addr_(hidden_bias, visible_mean, alpha=-1).addr_(hidden_mean, visible_bias, alpha=-1)
        visible_bias.addmv_(weight.mT, hidden_mean, alpha=-1)
        hidden_bias.addmv_(weight, visible_mean, alpha=-1)

    @staticmethod
    def _gradient(parameter: Tensor) -> Tensor:
        if parameter.grad is None:
            parameter.grad = torch.empty_like(parameter)
        return parameter.grad

    def _like(self, tensor: Tensor, name: str) -> Tensor:
        return self._memory_of(name, *tensor.shape)

    def _memory_of(self, name: str, rows: int, columns: int) -> Tensor:
        """The first rows of a buffer that lasts: fresh memory costs as much as the arithmetic in it."""
        if name not in self._memory or len(self._memory[name]) < rows:
            self._memory[name] = self.model.weight.new_empty(rows, columns)
        return self._memory[name][:rows]
