"""The multilayer perceptron, of any widths.

Sizes in shapes: B batch, N inputs, C classes.

One class covers the networks that the slides and their sources train: sigmoid units with squared error
(slides D0:780-950, D1:230-370), LeCun's 784-1000-10, Srivastava's three layers of 1024 rectified units with
dropout and max-norm (JMLR 15, 2014; slide D4:1290-1393), and Haykin's 2-20 network for the double moon.
"""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError, check_range
from zoo.layers.activation import ACTIVATIONS
from zoo.layers.dropout import Dropout
from zoo.layers.initialization import lecun_normal_
from zoo.layers.linear import Linear
from zoo.registry import register_model

# He et al. 2015 for ReLU; the others keep local fields of about unit variance.
_GAIN = {"sigmoid": 1.0, "tanh": 1.0, "scaled-tanh": 1.0, "relu": math.sqrt(2.0)}


class MLP(nn.Module):
    """Full layers with one activation between them, and scores (logits) at the end.

    Args:
        inputs: Number of inputs N; a picture is flattened row by row.
        widths: Units of each hidden layer.
        num_classes: Number of classes C.
        activation: Squashing function of the hidden units.
        input_dropout: Share of inputs dropped in training, in [0, 1). The slides give the share retained.
        dropout: Share of hidden units dropped in training, in [0, 1).
        max_norm: Largest length of a hidden unit's incoming weight vector, kept by ``constrain``; 0 for no limit.
    """

    def __init__(
        self,
        *,
        inputs: int = 784,
        widths: Sequence[int] = (500, 150),
        num_classes: int = 10,
        activation: Literal["sigmoid", "tanh", "scaled-tanh", "relu"] = "relu",
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        max_norm: float = 0.0,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise ZooError(f"there is no activation {activation!r}; there are {', '.join(ACTIVATIONS)}")
        if not (0 <= input_dropout < 1 and 0 <= dropout < 1):
            raise ZooError(f"dropout is the share of units dropped, in [0, 1), not {input_dropout} and {dropout}")
        check_range("the smallest of the widths", min([inputs, *widths]), least=1)
        self.inputs, self.max_norm = inputs, max_norm
        self.features = nn.Sequential(nn.Flatten())
        if input_dropout:
            self.features.append(Dropout(input_dropout))
        for fan_in, fan_out in zip([inputs, *widths], widths, strict=False):
            layer = Linear(fan_in, fan_out)
            lecun_normal_(layer, gain=_GAIN[activation])
            self.features.extend([layer, ACTIVATIONS[activation]()])
            if dropout:
                self.features.append(Dropout(dropout))
        self.num_features = [inputs, *widths][-1]
        self.reset_head(num_classes)

    def forward(self, x: Float[Tensor, "B *N"]) -> Float[Tensor, "B C"]:
        return self.head(self.features(x))

    def reset_head(self, num_classes: int) -> None:
        """Put a fresh linear layer of ``num_classes`` scores on top of the last hidden layer."""
        self.head = Linear(self.num_features, num_classes)
        lecun_normal_(self.head)

    @torch.no_grad()
    def constrain(self) -> None:
        """Shorten the weight vectors that have grown longer than ``max_norm``; called after each training step.

        References:
            Srivastava et al., JMLR 15, 2014, section 5.1.
        """
        if not self.max_norm:
            return
        for layer in self.features:
            if isinstance(layer, Linear):
                length = torch.linalg.vector_norm(layer.weight, dim=1, keepdim=True)
                layer.weight.mul_((self.max_norm / length).clamp_(max=1))


@register_model(example=lambda *, inputs=784, **_: torch.zeros(2, inputs))
def mlp(
    *,
    inputs: int = 784,
    widths: Sequence[int] = (500, 150),
    num_classes: int = 10,
    activation: Literal["sigmoid", "tanh", "scaled-tanh", "relu"] = "relu",
    input_dropout: float = 0.0,
    dropout: float = 0.0,
    max_norm: float = 0.0,
) -> MLP:
    """A multilayer perceptron: 784-500-150-10 unless told otherwise."""
    return MLP(
        inputs=inputs,
        widths=tuple(widths),
        num_classes=num_classes,
        activation=activation,
        input_dropout=input_dropout,
        dropout=dropout,
        max_norm=max_norm,
    )
