"""Batches cut from tensors in memory, without workers, copies or surprises.

Sizes in shapes: N samples, B batch.
"""

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float, Int
from torch import Tensor

Augment = Callable[[Tensor, Tensor, int], Tensor]
"""Takes inputs, their positions in the data set and the epoch; gives what the model sees."""


class EpochOrder:
    """The order of the samples, a function of (seed, epoch) alone.

    Lightning calls ``set_epoch`` before each epoch, as it does with distributed samplers.

    Args:
        size: Number of samples N.
        seed: Seed of the run; None for the natural order.
    """

    def __init__(self, size: int, *, seed: int | None) -> None:
        self.size, self.seed, self.epoch = size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Choose whose order ``permutation`` gives."""
        self.epoch = epoch

    def permutation(self) -> Int[Tensor, " N"]:
        """The order of this epoch: every sample exactly once."""
        if self.seed is None:
            return torch.arange(self.size)
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        return torch.randperm(self.size, generator=generator)


class Batches:
    """An iterable of (input, label) batches, taken by index from tensors that live on the training device.

    Every sample comes once an epoch; the last batch may be smaller. On several devices each takes every ``world``-th
    sample of a batch; when training (``seed`` given), what does not divide among them is left out of the epoch, so that
    all take the same number of steps.

    Args:
        x: All inputs.
        label: Their classes.
        batch_size: Samples B a batch, over all devices together: a multiple of ``world``.
        seed: Seed of the order; None for the natural one.
        augment: Applied to each batch.
        rank: Which of the ``world`` devices this is.
        world: Number of devices.
    """

    def __init__(
        self,
        x: Float[Tensor, "N *shape"],
        label: Int[Tensor, " N"],
        *,
        batch_size: int,
        seed: int | None = None,
        augment: Augment | None = None,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.x, self.label = x, label
        self.batch_size, self.augment = batch_size, augment
        self.rank, self.world = rank, world
        self.sampler = EpochOrder(len(label), seed=seed)
        self.batch_sampler = None  # Lightning reads both names, as a DataLoader has them

    def __len__(self) -> int:
        return -(-len(self._share()) // (self.batch_size // self.world))

    def _share(self) -> range:
        """Places in the epoch's order that are this device's."""
        size = len(self.label)
        return range(self.rank, size // self.world * self.world if self.sampler.seed is not None else size, self.world)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        share = self._share()
        order = self.sampler.permutation()[share.start : share.stop : share.step].to(self.x.device)
        for index in order.split(self.batch_size // self.world):
            x = self.x[index]
            if self.augment:
                x = self.augment(x, index, self.sampler.epoch)
            yield x, self.label[index]
