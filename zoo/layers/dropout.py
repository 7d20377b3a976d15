"""Dropout with the zoo's gradient."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import check_range
from zoo.functions.dropout import draw_mask, dropout


class Dropout(nn.Dropout):
    """Drops units in training and passes all of them on, unchanged, in evaluation.

    An ``nn.Dropout`` on the zoo's own function; on the CPU it drops the same units for the same seed.

    Args:
        drop: Share of units dropped, in [0, 1).
        generator: Source of chance; None for PyTorch's own. Its state is no part of the state dict.

    Raises:
        ZooError: ``drop`` is out of range.
    """

    def __init__(self, drop: float = 0.5, *, generator: torch.Generator | None = None) -> None:
        check_range("drop", drop, least=0, below=1)
        super().__init__(drop)
        self.generator = generator

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        return dropout(x, draw_mask(x, drop=self.p, generator=self.generator), self.p) if self.training else x
