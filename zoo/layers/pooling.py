"""Pooling with the zoo's gradients."""

from jaxtyping import Float
from torch import Tensor, nn

from zoo.functions.global_average_pooling import global_average_pool
from zoo.functions.max_pooling import max_pool
from zoo.functions.mean_pooling import mean_pool


class MaxPool2d(nn.MaxPool2d):
    """``nn.MaxPool2d`` over square windows that do not overlap, on the zoo's own function.

    Args:
        kernel_size: Side of the windows, and the stride.
    """

    kernel_size: int

    def __init__(self, kernel_size: int = 2) -> None:
        super().__init__(kernel_size)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H2 W2"]:
        return max_pool(x, size=self.kernel_size)


class AvgPool2d(nn.AvgPool2d):
    """``nn.AvgPool2d`` over square windows that do not overlap, on the zoo's own function.

    Args:
        kernel_size: Side of the windows, and the stride.
    """

    kernel_size: int

    def __init__(self, kernel_size: int = 2) -> None:
        super().__init__(kernel_size)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H2 W2"]:
        return mean_pool(x, size=self.kernel_size)


class GlobalAveragePool(nn.Module):
    """One number a map: ``nn.AdaptiveAvgPool2d(1)`` and ``nn.Flatten()`` in one, on the zoo's own function."""

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C"]:
        return global_average_pool(x)
