"""The controllers of a neural Turing machine, a step forward and a step back, on buffers that hold all steps.

Sizes in shapes: T steps, B batch, C units, G = 4C (LSTM: the gates in torch's order i, f, g, o) or C (feed-forward), K numbers that come
back from the step before.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.lstm_through_time import to_tanh_


class LSTMController:
    """Long short-term memory.

    After the last step back ``delta`` is the gradient of all pre-activations, and ``grad_cell`` that of the first cell state.

    Args:
        gates: What the inputs bring to the pre-activations, those of the candidate g doubled; the steps put the gates here.
        cell: First cell state.
        output: Where the steps put their outputs.
    """

    def __init__(self, gates: Float[Tensor, "T B G"], cell: Float[Tensor, "B C"], output: Float[Tensor, "T B C"]) -> None:
        self._gates, self._output = gates, output
        self._cell = gates.new_empty(len(gates) + 1, *cell.shape)
        self._cell[0] = cell
        self._squashed = torch.empty_like(self._cell[1:])
        parts = (gates, *gates.chunk(4, -1), self._cell[:-1], self._cell[1:], self._squashed, output)
        self._steps = [*zip(*(each.unbind() for each in parts), strict=True)]

    def step(self, number: int, before: Float[Tensor, "B K"], back: Float[Tensor, "K G"]) -> Float[Tensor, "B C"]:
        """Add what comes back from the step before to the pre-activations; gives this step's output, which lies in its buffer."""
        gates, i, f, g, o, c, c_next, squashed, h = self._steps[number]
        gates.addmm_(before, back).sigmoid_()
        to_tanh_(g)
        torch.mul(f, c, out=c_next).addcmul_(i, g)
        torch.tanh(c_next, out=squashed)
        return torch.mul(o, squashed, out=h)

    def start_back(self) -> None:
        """Compute what does not depend on the gradient, for all steps at once."""
        i, f, g, o = self._gates.chunk(4, -1)
        self.delta = torch.addcmul(self._gates, self._gates, self._gates, value=-1)  # y (1 - y) of the sigmoids
        by_i, by_f, by_g, by_o = self.delta.chunk(4, -1)
        by_i.mul_(g)
        by_f.mul_(self._cell[:-1])
        torch.addcmul(i, i * g, g, value=-1, out=by_g)  # i (1 - g^2)
        by_o.mul_(self._squashed)
        by_cell = torch.addcmul(o, self._output, self._squashed, value=-1)  # o (1 - tanh^2 c) = o - h tanh c
        through_cell = self.delta.unflatten(-1, (4, -1))[..., :3, :]
        self.grad_cell = torch.zeros_like(self._cell[0])
        self._back = [*zip(*(each.unbind() for each in (self.delta, through_cell, by_o, by_cell, f)), strict=True)]

    def step_back(self, number: int, grad: Float[Tensor, "B C"]) -> Float[Tensor, "B G"]:
        """Gradient of a step's pre-activations, from that of its output; the last step comes first."""
        delta, through_cell, by_o, by_cell, f = self._back[number]
        self.grad_cell.addcmul_(grad, by_cell)
        through_cell.mul_(self.grad_cell[:, None])
        by_o.mul_(grad)
        self.grad_cell.mul_(f)
        return delta


class FeedForwardController:
    """One layer of tanh units; what it remembers is in the memory alone.

    Args:
        z: What the inputs bring to the pre-activations.
        output: Where the steps put their outputs.
    """

    grad_cell = None

    def __init__(self, z: Float[Tensor, "T B C"], output: Float[Tensor, "T B C"]) -> None:
        self._output = output
        self._steps = [*zip(z.unbind(), output.unbind(), strict=True)]

    def step(self, number: int, before: Float[Tensor, "B K"], back: Float[Tensor, "K G"]) -> Float[Tensor, "B C"]:
        """As the other's."""
        z, h = self._steps[number]
        return torch.tanh(z.addmm_(before, back), out=h)

    def start_back(self) -> None:
        """As the other's."""
        self.delta = 1 - self._output.square()
        self._back = self.delta.unbind()

    def step_back(self, number: int, grad: Float[Tensor, "B C"]) -> Float[Tensor, "B G"]:
        """As the other's."""
        return self._back[number].mul_(grad)


Controller = LSTMController | FeedForwardController
