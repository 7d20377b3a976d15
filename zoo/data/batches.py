"""Batches cut from tensors in memory.

Sizes in shapes: N samples, B batch.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

from zoo.data.ahead import ahead
from zoo.errors import ZooError


@dataclass(frozen=True)
class Augment:
    """How training batches are altered before the model sees them."""

    function: Callable[[Tensor, Tensor, int], Tensor]
    """Takes inputs, their positions in the data set and the epoch, and draws nothing that does not follow from these."""
    workers: int = 0
    """Threads that do so ahead of the training; 0 does it when a batch is asked for. The batches are the same."""


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


def checksum(*tensors: Tensor) -> str:
    """What tells data that were changed since a run was saved from those that were not."""
    value = 0
    for tensor in tensors:
        value = zlib.crc32(tensor.cpu().contiguous().numpy().data, value)
    return f"{value:08x}"


def check_order(saved: dict[str, Any], order: dict[str, Any]) -> None:
    """Refuse a saved position that is one among other batches.

    Args:
        saved: The position, with all that fixed the order when it was saved.
        order: What fixes it now.

    Raises:
        ZooError: They differ.
    """
    for name, mine in order.items():
        if saved.get(name) != mine:
            raise ZooError(f"the run's data has changed since it was saved: {name} was {saved.get(name)} and is {mine}; train again")


class Batches:
    """An iterable of (input, label) batches, taken by index from tensors that live on the training device.

    Every sample comes once an epoch; the last batch may be smaller. A batch is a function of (seed, epoch, its number) alone,
    whoever computes it and when. On several devices each takes every ``world``-th sample, and all take the same number of
    batches, since they exchange something in each. When training (``seed`` given), what does not divide among them is left
    out of the epoch; in the natural order every sample comes, in batches that differ in size by one at most.

    Args:
        x: All inputs.
        label: Their classes.
        batch_size: Samples B a batch, over all devices together: a multiple of ``world``.
        seed: Seed of the order; None for the natural one.
        augment: Applied to each batch; None leaves them as they are.
        rank: Which of the ``world`` devices this is.
        world: Number of devices.
    """

    def __init__(
        self,
        x: Shaped[Tensor, "N *shape"],
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
        self._done = 0  # batches of this epoch that were given
        self._first = 0  # where the next iteration begins
        self.sampler = EpochOrder(len(label), seed=seed)
        self.batch_sampler = None  # Lightning reads both names, as a DataLoader has them

    def __len__(self) -> int:
        return -(-len(self._share(0)) // (self.batch_size // self.world))  # the first device's share is the largest

    def _share(self, rank: int) -> range:
        """Places in the epoch's order that are a device's."""
        size = len(self.label)
        return range(rank, size // self.world * self.world if self.sampler.seed is not None else size, self.world)

    def state_dict(self) -> dict[str, Any]:
        """The position, for a checkpoint: seed and size fix the order, epoch and batch the place in it."""
        return self._order() | {"epoch": self.sampler.epoch, "batch": self._done}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Let the next iteration begin where the position was taken.

        Raises:
            ZooError: It is a position in another order.
        """
        check_order(state_dict, self._order())
        self.sampler.set_epoch(state_dict["epoch"])
        self._first = state_dict["batch"] % len(self)  # after an epoch's last batch comes the next one's first

    def _order(self) -> dict[str, Any]:
        order = {"samples": len(self.label), "batch size": self.batch_size, "seed": self.sampler.seed}
        return order | {"checksum": self._checksum}

    @cached_property
    def _checksum(self) -> str:
        return checksum(self.x, self.label)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        share = self._share(self.rank)
        order = self.sampler.permutation()[share.start : share.stop : share.step].to(self.x.device)
        training = self.sampler.seed is not None
        parts = order.split(self.batch_size // self.world) if training else order.tensor_split(len(self))
        first, self._first = self._first, 0
        batches = ahead(
            partial(self._batch, self.sampler.epoch),
            parts[first:],
            workers=self.augment.workers if self.augment else 0,
        )
        for number, batch in enumerate(batches, first + 1):
            self._done = number
            yield batch

    def _batch(self, epoch: int, index: Int[Tensor, " B"]) -> tuple[Tensor, Tensor]:
        x = self.x[index]
        return self.augment.function(x, index, epoch) if self.augment else x, self.label[index]
