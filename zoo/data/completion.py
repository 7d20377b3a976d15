"""Points in a union of subspaces, with gaps; and the path of penalties that a completion walks.

Sizes in shapes: N points, D dimensions, S steps.
"""

from typing import NamedTuple

import pytorch_lightning as pl
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from zoo.data.batches import Batches
from zoo.data.completion_options import CompletionOptions, SubspaceOptions
from zoo.data.digits import load_digits
from zoo.errors import ZooError


class Gapped(NamedTuple):
    """Points of which only some entries are shown."""

    points: Float[Tensor, "N D"]
    """The truth, gaps and all."""
    observed: Bool[Tensor, "N D"]
    label: Int[Tensor, " N"]
    """Which subspace each comes from."""


def draw_gapped(options: CompletionOptions, *, seed: int) -> Gapped:
    """Points and gaps, both a function of the options and the seed alone.

    Raises:
        ZooError: There are fewer digits of a class than are asked for.
    """
    generator = torch.Generator().manual_seed(seed)
    points, label = _subspaces(options, generator) if isinstance(options, SubspaceOptions) else _digits(options, generator)
    return Gapped(points, torch.rand(points.shape, generator=generator) >= options.missing, label)


def _subspaces(options: SubspaceOptions, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Normal points in random subspaces, entries of variance 1."""
    basis = torch.randn(options.subspaces, options.dimensions, options.rank, generator=generator)
    place = torch.randn(options.subspaces, options.points, options.rank, generator=generator)
    points = place @ torch.linalg.qr(basis).Q.mT * (options.dimensions / options.rank) ** 0.5
    points = points + options.noise * torch.randn(points.shape, generator=generator)
    return points.flatten(0, 1), torch.arange(options.subspaces).repeat_interleave(options.points)


def _digits(options: CompletionOptions, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """As many digits of each class, in [0, 1]."""
    digits = load_digits().train
    order = torch.randperm(len(digits.label), generator=generator)
    chosen = [order[digits.label[order] == label][: options.points] for label in range(10)]
    fewest = min(map(len, chosen))
    if fewest < options.points:
        raise ZooError(f"--data.points {options.points}: of one digit there are only {fewest}")
    number = torch.cat(chosen)
    return digits.input[number].flatten(1) / 255, digits.label[number]


class PenaltyPath(pl.LightningDataModule):
    """Serves a penalty a step, in order: what a completion learns from is in its task.

    Args:
        penalty: The path.
    """

    def __init__(self, penalty: Float[Tensor, " S"]) -> None:
        super().__init__()
        self.penalty = penalty

    def train_dataloader(self) -> Batches:
        """An epoch is the whole path."""
        return Batches(self.penalty, torch.arange(len(self.penalty)), batch_size=1)
