"""Batches of two domains: each thing of the one with a thing of the same class of the other.

Sizes in shapes: N and M samples of the domains, B batch.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from zoo.data.batches import Batches, check_order, checksum
from zoo.data.counter_random import uniform
from zoo.data.sets import Labelled
from zoo.errors import ZooError

CrossBatch = tuple[Tensor, Tensor, Tensor]
"""Things of the first domain, of the second, and their common classes."""


class PairedBatches:
    """An iterable of batches from two sets in memory, with the interface of ``Batches``.

    Every ``x`` comes once an epoch. Its partner is drawn anew each epoch from those of its class, as a function of
    (seed, epoch, number of ``x``) alone, so that every batch holds pairs that belong together whatever the number of classes.

    Args:
        x: The first domain.
        y: The second.
        batch_size: Pairs B a batch, over all devices together.
        seed: Of the order and the partners.
        rank: Which of the ``world`` devices this is.
        world: Number of devices.

    Raises:
        ZooError: A class of the first domain has nothing in the second.
    """

    def __init__(self, x: Labelled, y: Labelled, *, batch_size: int, seed: int, rank: int = 0, world: int = 1) -> None:
        self._x, self._y, self._seed = x, y, seed
        number = torch.arange(len(x), device=x.label.device)
        self._order = Batches(number, x.label, batch_size=batch_size, seed=seed, rank=rank, world=world)
        self.sampler, self.batch_sampler = self._order.sampler, None
        classes = int(max(x.label.max(), y.label.max())) + 1
        self._count = y.label.bincount(minlength=classes)
        self._first = self._count.cumsum(0) - self._count
        self._by_class = y.label.argsort(stable=True)
        check_partners(x, y)

    def __len__(self) -> int:
        return len(self._order)

    def state_dict(self) -> dict[str, Any]:
        """The position, for a checkpoint."""
        return self._order.state_dict() | self._pictures

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Let the next iteration begin where the position was taken.

        Raises:
            ZooError: It is a position among other things.
        """
        check_order(state_dict, self._pictures)
        self._order.load_state_dict(state_dict)

    @cached_property
    def _pictures(self) -> dict[str, str]:
        return {"checksum of both domains": checksum(self._x.input, self._y.input, self._y.label)}

    def __iter__(self) -> Iterator[CrossBatch]:
        for number, label in self._order:
            yield self._x.input[number], self._y.input[self._partner(number, label)], label

    def _partner(self, number: Int[Tensor, " B"], label: Int[Tensor, " B"]) -> Int[Tensor, " B"]:
        share = uniform(number, count=1, seed=self._seed, epoch=self.sampler.epoch)[:, 0]
        count = self._count[label]
        return self._by_class[self._first[label] + (share * count).long().clamp(max=count - 1)]


def check_last_batch(size: int, *, batch_size: int, world: int) -> None:
    """Refuse a batch size that leaves a batch of one thing a device: it has no pair that does not belong together.

    Raises:
        ZooError: With the batch size.
    """
    if (size // world - 1) % (batch_size // world) == 0:
        raise ZooError(
            f"--data.batch-size {batch_size}: {size:,} things leave one alone in the last batch, with nothing to differ from; take another"
        )


def check_partners(x: Labelled, y: Labelled) -> None:
    """Refuse a class of the first domain that has nothing in the second.

    Raises:
        ZooError: With the class.
    """
    lonely = x.label[~torch.isin(x.label, y.label)]
    if len(lonely):
        raise ZooError(f"class {int(lonely[0])} is in the first domain and not in the second; give each class a sample of both")
