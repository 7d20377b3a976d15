"""Squashing functions as modules, and their names in recipes."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from zoo.functions.prelu import prelu
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


class PReLU(nn.PReLU):
    """``nn.PReLU`` with a slope a map, on the zoo's own function.

    Args:
        num_parameters: Number of maps.
        init: Slope at the start.
    """

    def __init__(self, num_parameters: int, *, init: float = 0.25) -> None:
        super().__init__(num_parameters, init)

    def forward(self, x: Float[Tensor, "B C *shape"]) -> Float[Tensor, "B C *shape"]:
        return prelu(x, self.weight)


ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "scaled-tanh": ScaledTanh,
    "relu": ReLU,
}
