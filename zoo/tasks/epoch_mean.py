"""The mean of a figure over an epoch, kept as sums so that a resumed epoch goes on with them."""

from typing import Protocol, runtime_checkable

import torch
import torch.distributed as dist
from torch import Tensor


class EpochMean:
    """A weighted mean over all steps of an epoch, and over all processes.

    ``sums`` holds this process's weighted sum and sum of weights.
    """

    def __init__(self) -> None:
        self.sums = torch.zeros(2)

    def reset(self, device: torch.device) -> None:
        """Begin an epoch."""
        self.sums = torch.zeros(2, device=device)

    def update(self, value: Tensor, *, weight: int) -> None:
        """Count one step's value."""
        self.sums[0] += value.detach() * weight
        self.sums[1] += weight

    def compute(self) -> float:
        """The mean so far; not a number before the first step. Every process must call this."""
        sums = self.sums.clone()
        if dist.is_initialized():
            dist.all_reduce(sums)
        return float(sums[0] / sums[1])


@runtime_checkable
class AveragesLoss(Protocol):
    """A task that takes the mean of its training loss over each epoch."""

    epoch_loss: EpochMean
