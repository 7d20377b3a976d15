"""Endless batches of an algorithmic task, each a function of (seed, epoch, batch number) alone, and its fixed validation and test sets.

Sizes in shapes: see ``zoo.data.algorithmic``.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch

from zoo.data.algorithmic import TASKS, AlgorithmicTask, Sequences
from zoo.data.algorithmic_options import AlgorithmicOptions
from zoo.data.batches import EpochOrder, check_order

_TRAINING, _VALIDATION, _TEST = range(3)


class AlgorithmicBatches:
    """An epoch is a number of steps; no sequence comes twice but by chance.

    Args:
        task: What is drawn.
        options: How large, how often.
        seed: Seed of the run.
        device: Where the model is.
    """

    def __init__(self, task: AlgorithmicTask, options: AlgorithmicOptions, *, seed: int, device: torch.device) -> None:
        self.task, self.options, self.device = task, options, device
        self._make = partial(task.make, varied=True) if options.varied else task.make
        self.sampler = EpochOrder(options.steps, seed=seed)  # of which only the epoch is used
        self.batch_sampler = None  # Lightning reads both names, as a DataLoader has them
        self._done = 0  # batches of this epoch that were given
        self._first = 0  # where the next iteration begins

    def __len__(self) -> int:
        return self.options.steps

    def __iter__(self) -> Iterator[Sequences]:
        first, self._first = self._first, 0
        sizes = self.task.sizes(self.options.longest)
        for number in range(first, len(self)):
            self._done = number + 1
            generator = _generator(_TRAINING, self.sampler.seed, self.sampler.epoch, number)
            size = sizes[int(torch.randint(len(sizes), (1,), generator=generator))]
            yield _to(self._make(self.options.batch_size, size, generator), self.device)

    def state_dict(self) -> dict[str, Any]:
        """The position, for a checkpoint."""
        return self._order() | {"epoch": self.sampler.epoch, "batch": self._done}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Let the next iteration begin where the position was taken.

        Raises:
            ZooError: It is a position in other data.
        """
        check_order(state_dict, self._order())
        self.sampler.set_epoch(state_dict["epoch"])
        self._first = state_dict["batch"] % len(self)

    def _order(self) -> dict[str, Any]:
        options = self.options
        told = {"task": options.kind, "longest": options.longest, "varied": options.varied, "batch size": options.batch_size}
        return told | {"seed": self.sampler.seed}


class FixedSequences:
    """Batches of chosen sizes, the same whenever they are drawn.

    Args:
        options: Which task; what training shows.
        sizes: One batch of each.
        count: Sequences a batch.
        test: Whether these are test sequences; else they are for validation.
        device: Where the model is.
    """

    def __init__(
        self, options: AlgorithmicOptions, sizes: tuple[int, ...], *, count: int, test: bool, device: torch.device | None = None
    ) -> None:
        self.options, self.sizes, self.count, self.test, self.device = options, sizes, count, test, device or torch.device("cpu")

    def __len__(self) -> int:
        return len(self.sizes)

    def __iter__(self) -> Iterator[Sequences]:
        for size in self.sizes:
            generator = _generator(_TEST if self.test else _VALIDATION, self.count, size)
            yield _to(TASKS[self.options.kind].draw(self.count, size, generator, longest=self.options.longest), self.device)


class AlgorithmicData(pl.LightningDataModule):
    """Training, validation and test data of a task.

    Args:
        options: Which task.
        seed: Seed of the run; validation and test do not depend on it.
    """

    def __init__(self, options: AlgorithmicOptions, *, seed: int) -> None:
        super().__init__()
        self.options, self.seed = options, seed
        self.task = TASKS[options.kind]

    def train_dataloader(self) -> AlgorithmicBatches:
        """Endless sequences."""
        return AlgorithmicBatches(self.task, self.options, seed=self.seed, device=self._device())

    def val_dataloader(self) -> FixedSequences:
        """A few sequences of every size that training shows."""
        sizes = tuple(self.task.sizes(self.options.longest))
        count = self.options.validation * (20 if self.task.fixed else 1)
        return FixedSequences(self.options, sizes, count=count, test=False, device=self._device())

    def _device(self) -> torch.device:
        strategy = self.trainer.strategy if self.trainer else None
        return strategy.root_device if strategy else torch.device("cpu")


def _generator(*key: int | None) -> torch.Generator:
    """A generator of its own for each key; torch's takes 32 bits, which NumPy mixes from all of the key."""
    state = np.random.SeedSequence([part or 0 for part in key]).generate_state(1)
    return torch.Generator().manual_seed(int(state[0]))


def _to(batch: Sequences, device: torch.device) -> Sequences:
    return Sequences(*(each.to(device) for each in batch))
