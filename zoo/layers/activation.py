"""Squashing functions as modules, and their names in recipes."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from zoo.functions.relu import relu
from zoo.functions.scaled_tanh import scaled_tanh
from zoo.functions.sigmoid import sigmoid
from zoo.functions.tanh import tanh


class Sigmoid(nn.Module):
    """``1 / (1 + exp(-x))``, element by element."""

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        return sigmoid(x)


class Tanh(nn.Module):
    """``tanh(x)``, element by element."""

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        return tanh(x)


class ScaledTanh(nn.Module):
    """``1.7159 tanh(2x/3)``, element by element."""

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        return scaled_tanh(x)


class ReLU(nn.Module):
    """``max(0, x)``, element by element."""

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        return relu(x)


ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "scaled-tanh": ScaledTanh,
    "relu": ReLU,
}
