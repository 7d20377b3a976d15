"""Batches that are drawn anew for ever."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from zoo.data.batches import EpochOrder, check_order

_TRAINING = 0  # first part of every key; what is fixed begins its keys with another number


class EndlessBatches:
    """An epoch is a number of batches, each a function of (seed, epoch, its number) alone.

    Args:
        draw: Makes a batch from a generator.
        steps: Batches an epoch.
        seed: Seed of the run.
        order: What else fixes the batches, by name: a saved position among others is refused.
    """

    def __init__(self, draw: Callable[[torch.Generator], Any], *, steps: int, seed: int, order: Mapping[str, Any]) -> None:
        self.draw, self.steps, self.seed, self.order = draw, steps, seed, dict(order) | {"seed": seed}
        self.sampler = EpochOrder(steps, seed=seed)  # of which only the epoch is used
        self.batch_sampler = None  # Lightning reads both names, as a DataLoader has them
        self._done = 0  # batches of this epoch that were given
        self._first = 0  # where the next iteration begins

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Any]:
        first, self._first = self._first, 0
        for number in range(first, len(self)):
            self._done = number + 1
            yield self.draw(generator_of(_TRAINING, self.seed, self.sampler.epoch, number))

    def state_dict(self) -> dict[str, Any]:
        """The position, for a checkpoint."""
        return self.order | {"epoch": self.sampler.epoch, "batch": self._done}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Let the next iteration begin where the position was taken.

        Raises:
            ZooError: It is a position in other data.
        """
        check_order(state_dict, self.order)
        self.sampler.set_epoch(state_dict["epoch"])
        self._first = state_dict["batch"] % len(self)


def generator_of(*key: int) -> torch.Generator:
    """A generator of its own for each key; torch's takes 32 bits, which NumPy mixes from all of the key."""
    state = np.random.SeedSequence(key).generate_state(1)
    return torch.Generator().manual_seed(int(state[0]))
