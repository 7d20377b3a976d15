"""DeepLearnToolbox's multilayer perceptron, in its own layout: what ``mlp`` is checked against.

Sizes in shapes: B batch, N inputs, C outputs.

Reference: the toolbox's ``nnsetup``, ``nnff``, ``nnbp`` and ``nnapplygrads``. Each layer has one matrix, whose first column
is the bias and meets a leading one in the activations (slide D3:92, erratum E14). Weight decay, the sparsity penalty and
dropout, all off by default, are left out.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from zoo.functions.cross_entropy import cross_entropy
from zoo.functions.linear import linear
from zoo.functions.sigmoid import sigmoid
from zoo.functions.squared_error import sigmoid_squared_error
from zoo.layers.activation import ACTIVATIONS

_HIDDEN = {"tanh_opt": "scaled-tanh", "sigm": "sigmoid"}


class DeepLearnToolboxNN(nn.Module):
    """Full layers of any sizes.

    ``nnapplygrads`` is ``torch.optim.SGD`` on ``loss``, with the toolbox's default learning rate of 2 and momentum of 0.5:
    it keeps the learning rate inside the velocity, which is the same as long as the rate is constant (MATHS.md (6)).

    Args:
        sizes: Units of every layer, from the inputs to the outputs.
        activation: Squashing function of the hidden units: ``1.7159 tanh(2x/3)`` or the sigmoid.
        output: ``sigm``, trained by squared error, or ``softmax``, by cross-entropy.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: Literal["tanh_opt", "sigm"] = "tanh_opt",
        output: Literal["sigm", "softmax"] = "sigm",
    ) -> None:
        super().__init__()
        self.squash, self.output = ACTIVATIONS[_HIDDEN[activation]](), output
        self.weight = nn.ParameterList()
        for fan_in, fan_out in pairwise(sizes):
            bound = 4 * (6 / (fan_in + fan_out)) ** 0.5  # Glorot's, for sigmoids
            self.weight.append(torch.empty(fan_out, 1 + fan_in).uniform_(-bound, bound))

    def activations(self, x: Float[Tensor, "B N"]) -> list[Tensor]:
        """What ``nnff`` leaves in ``nn.a``, from the inputs to the outputs; a leading column of ones in all but the last."""
        layers = [_with_one(x)]
        for weight in self.weight[:-1]:
            layers.append(_with_one(self.squash(linear(layers[-1], weight, None))))
        score = linear(layers[-1], self.weight[-1], None)
        return [*layers, sigmoid(score) if self.output == "sigm" else score.softmax(-1)]

    def forward(self, x: Float[Tensor, "B N"]) -> Float[Tensor, "B C"]:
        return self.activations(x)[-1]

    def loss(self, x: Float[Tensor, "B N"], target: Float[Tensor, "B C"]) -> Float[Tensor, ""]:
        """Half the squared error, or cross-entropy in nats: summed over the outputs, the mean over the batch."""
        score = linear(self.activations(x)[-2], self.weight[-1], None)
        return sigmoid_squared_error(score, target) if self.output == "sigm" else cross_entropy(score, target.argmax(-1))


def _with_one(x: Tensor) -> Tensor:
    return F.pad(x, (1, 0), value=1.0)
