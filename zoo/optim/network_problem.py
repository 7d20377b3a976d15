"""Training a small network on pictures, as a problem for an optimiser.

Sizes in shapes: P problems, D parameters of each, T steps, N pictures, I inputs, B pictures a step.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from zoo.optim.problems import Problems, unscaled

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"sigmoid": torch.sigmoid, "relu": torch.relu}
_START = 0.01  # standard deviation of weights and biases, as in the paper's code


@dataclass(frozen=True, eq=False)
class NetworkTraining:
    """The cross-entropy of a fully connected network, on another random batch at each step.

    Args:
        x: Inputs.
        label: Their classes.
        hidden: Units of each hidden layer.
        activation: What follows each of them.
        batch_size: Samples a step, drawn with replacement.

    References:
        Andrychowicz et al. 2016, section 3.2.
    """

    x: Float[Tensor, "N I"]
    label: Int[Tensor, " N"]
    hidden: tuple[int, ...] = (20,)
    activation: Literal["sigmoid", "relu"] = "sigmoid"
    batch_size: int = 128

    def draw(self, count: int, *, steps: int, generator: torch.Generator) -> Problems:
        """First weights, and the batches of every step."""
        size = sum(map(prod, self._shapes()))
        start = _START * torch.randn(count, size, generator=generator)
        index = torch.randint(len(self.label), (steps, count, self.batch_size), generator=generator)
        return unscaled(start, shared=(self.x, self.label), stream=(index,))

    def loss(self, theta: Float[Tensor, " D"], *data: Tensor) -> Float[Tensor, ""]:
        """Cross-entropy in nats a sample."""
        x, label, index = data
        x, activation = x[index], _ACTIVATIONS[self.activation]
        *before, (weight, bias) = self._layers(theta)
        for inner, offset in before:
            x = activation(x @ inner + offset)
        return F.cross_entropy(x @ weight + bias, label[index])

    def whole(self) -> tuple[Tensor, ...]:
        """Every sample once."""
        return (torch.arange(len(self.label), device=self.label.device),)

    def _shapes(self) -> list[tuple[int, ...]]:
        widths = (self.x.shape[1], *self.hidden, int(self.label.max()) + 1)
        return [shape for inputs, outputs in pairwise(widths) for shape in ((inputs, outputs), (outputs,))]

    def _layers(self, theta: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        shapes = self._shapes()
        parts = [part.view(shape) for part, shape in zip(theta.split([prod(shape) for shape in shapes]), shapes, strict=True)]
        return zip(parts[::2], parts[1::2], strict=True)
