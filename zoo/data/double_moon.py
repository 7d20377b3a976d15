"""Haykin's double moon: two interlocking half rings of points in the plane."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.data.sets import Labelled, Splits

RADIUS, WIDTH = 10.0, 6.0
SPREAD = 7.0  # about the standard deviation of the horizontal coordinate
TRAIN_SIZE, TEST_SIZE = 1000, 2000


def load_double_moon(*, distance: float = -4.0, seed: int = 0) -> Splits:
    """Draw 1,000 training and 2,000 test points, half of them from each moon.

    Args:
        distance: Vertical distance of the moons; negative where they interlock.
        seed: Seed of the points.

    References:
        Haykin, "Neural Networks and Learning Machines", 3rd ed., sections 1.5 and 4.7 (the homework of slide D3:424).
    """
    generator = torch.Generator().manual_seed(seed)
    return Splits(
        train=_moons(TRAIN_SIZE, distance, generator),
        test=_moons(TEST_SIZE, distance, generator),
        labels=["upper moon", "lower moon"],
    )


def _moons(count: int, distance: float, generator: torch.Generator) -> Labelled:
    label = torch.arange(count) % 2
    radius = RADIUS + WIDTH * (torch.rand(count, generator=generator) - 0.5)
    angle = math.pi * torch.rand(count, generator=generator)
    upper = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
    lower = torch.stack([radius * angle.cos() + RADIUS, -radius * angle.sin() - distance], dim=1)
    return Labelled(torch.where(label[:, None] == 0, upper, lower), label)


def standardized(point: Float[Tensor, "N 2"]) -> Float[Tensor, "N 2"]:
    """Shift and scale the plane to about zero mean and unit variance, the same for every set of points."""
    center = point.new_tensor([RADIUS / 2, 0.0])
    return (point - center) / SPREAD
