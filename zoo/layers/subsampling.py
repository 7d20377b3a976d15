"""LeNet's sub-sampling layer."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.functions.subsampling import subsample


class Subsampling(nn.Module):
    """Mean over windows, then one trainable weight and bias a map: ``2 * maps`` parameters.

    It starts as plain mean pooling.
    """

    def __init__(self, maps: int, *, size: int = 2) -> None:
        super().__init__()
        self.size = size
        self.weight = nn.Parameter(torch.ones(maps))
        self.bias = nn.Parameter(torch.zeros(maps))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H2 W2"]:
        return subsample(x, self.weight, self.bias, size=self.size)
