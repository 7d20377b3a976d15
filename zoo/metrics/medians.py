"""Medians over seeds, and how sure they are.

Sizes in shapes: S seeds.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

_RESAMPLES = 10_000


class Median(NamedTuple):
    """A median with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def median_interval(value: Float[Tensor, " S"]) -> Median:
    """The median over seeds, and between which values 95 % of the medians of random resamples lie (the percentile bootstrap).

    Args:
        value: One number a seed. Give the differences of two contenders that were measured on the same seeds, and not two sets.

    References:
        Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    value = value.double().cpu()
    index = torch.randint(len(value), (_RESAMPLES, len(value)), generator=torch.Generator().manual_seed(0))
    medians = value[index].quantile(0.5, dim=1)
    low, high = medians.quantile(torch.tensor([0.025, 0.975], dtype=torch.double)).tolist()
    return Median(float(value.quantile(0.5)), low, high)
