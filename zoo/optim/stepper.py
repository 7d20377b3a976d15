"""A learned optimiser's steps one at a time, without derivatives: quicker than the network's own layers.

Sizes in shapes: N coordinates, L layers, H hidden units, S = L H states of each kind.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.learning_to_learn import preprocess_gradient
from zoo.functions.lstm_through_time import double_candidate, to_tanh_
from zoo.layers.lstm import States
from zoo.models.l2l import CoordinatewiseLSTM

_BLOCK = 1 << 13  # coordinates that go through the network at once: memory for their gates is all that a step needs


class Stepper:
    """The states of so many coordinates, and what changes them.

    A state is a row with all coordinates side by side, and what a layer sees stands in rows next to its own hidden state: each layer is
    one product and a few operators in place.

    Args:
        network: The optimiser.
        hidden: Hidden states of all layers, changed by every step from now on; zeros at the first step.
        cell: Cell states, likewise.
    """

    def __init__(self, network: CoordinatewiseLSTM, hidden: Float[Tensor, "S N"], cell: Float[Tensor, "S N"]) -> None:
        self.network = network
        self._seen = torch.cat([hidden.new_zeros(2, hidden.shape[1]), hidden])
        self.hidden, self.cell = self._seen[2:], cell

    @classmethod
    def at(cls, network: CoordinatewiseLSTM, states: States | None, like: Float[Tensor, " N"]) -> "Stepper":
        """Begin where states of ``CoordinatewiseLSTM.advance`` are; without any, at the first step.

        Args:
            network: The optimiser.
            states: Copied.
            like: A gradient: how many coordinates there are, and where.
        """
        if states is None:
            zeros = like.new_zeros(network.lstm.num_layers * network.lstm.hidden_size, len(like))
            return cls(network, zeros, zeros.clone())
        return cls(network, *(each.mT.flatten(0, 1).clone() for each in states))

    @torch.no_grad()
    def step(self, gradient: Float[Tensor, " N"]) -> Float[Tensor, " N"]:
        """What to add to each coordinate."""
        weights = [_joined_weights(layer, self.network.lstm.hidden_size) for layer in self.network.lstm.all_weights]
        self._seen[:2] = preprocess_gradient(gradient, p=self.network.p).T
        for seen, cell in zip(self._seen.split(_BLOCK, 1), self.cell.split(_BLOCK, 1), strict=True):
            _advance(seen, cell, weights)
        top = self.hidden[-self.network.lstm.hidden_size :]
        output = self.network.output
        return self.network.scale * torch.addmv(output.bias, top.T, output.weight[0])

    def states(self) -> States:
        """A copy of the states, as ``CoordinatewiseLSTM.advance`` takes them."""
        layers = self.network.lstm.num_layers
        hidden, cell = (each.unflatten(0, (layers, -1)).mT.contiguous() for each in (self.hidden, self.cell))
        return hidden, cell


def _joined_weights(layer: Sequence[Tensor], hidden: int) -> tuple[Tensor, Tensor]:
    """The weights of what a layer sees and of its own state side by side, and the bias as a column; as one sigmoid for all gates needs."""
    weight_ih, weight_hh, bias_ih, bias_hh = layer
    return double_candidate(torch.cat([weight_ih, weight_hh], 1), hidden), double_candidate(bias_ih + bias_hh, hidden)[:, None]


def _advance(seen: Tensor, cell: Tensor, weights: list[tuple[Tensor, Tensor]]) -> None:
    size = len(cell) // len(weights)
    gates, squashed = seen.new_empty(4 * size, seen.shape[1]), seen.new_empty(size, seen.shape[1])
    first = 0
    for c, (weight, bias) in zip(cell.split(size), weights, strict=True):
        rows = seen[first : first + weight.shape[1]]
        i, f, g, o = torch.addmm(bias, weight, rows, out=gates).sigmoid_().chunk(4)
        to_tanh_(g)
        c.mul_(f).addcmul_(i, g)
        to_tanh_(torch.mul(c, 2, out=squashed).sigmoid_())
        torch.mul(o, squashed, out=rows[-size:])
        first += weight.shape[1] - size
