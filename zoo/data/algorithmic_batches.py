"""Endless batches of an algorithmic task, and its fixed validation and test sets.

Sizes in shapes: see ``zoo.data.algorithmic``.
"""

from collections.abc import Iterator
from functools import partial

import pytorch_lightning as pl
import torch

from zoo.data.algorithmic import TASKS, Sequences
from zoo.data.algorithmic_options import AlgorithmicOptions
from zoo.data.endless import EndlessBatches, generator_of

_VALIDATION, _TEST = 1, 2
_MORE = 20  # times as many validation sequences where training has one size
_AT_ONCE = 500  # sequences of a fixed set that are drawn together
_TOGETHER = 10  # sequences of a fixed set that share what is drawn for a whole batch, where the size is only its upper bound


class FixedSequences:
    """Batches of chosen sizes, the same whenever they are drawn.

    Args:
        options: Which task.
        sizes: One batch of each; several, where they are many, or where a batch draws its own size up to this one.
        count: Sequences of each size.
        test: Whether these are test sequences; else they are for validation.
        exact: Whether all are of just the size, where training draws up to it.
        device: Where the model is.
    """

    def __init__(
        self,
        options: AlgorithmicOptions,
        sizes: tuple[int, ...],
        *,
        count: int,
        test: bool,
        exact: bool = False,
        device: torch.device | None = None,
    ) -> None:
        self.task, self.sizes, self.count, self.exact = TASKS[options.kind], sizes, count, exact
        self.split, self.device = _TEST if test else _VALIDATION, device or torch.device("cpu")
        self._each = _AT_ONCE if exact or self.task.make_exact is None else _TOGETHER

    def __len__(self) -> int:
        return len(self.sizes) * -(-self.count // self._each)

    def __iter__(self) -> Iterator[Sequences]:
        for size in self.sizes:
            generator = generator_of(self.split, self.count, size)
            for first in range(0, self.count, self._each):
                batch = min(self._each, self.count - first)
                yield _to(self.task.draw(batch, size, generator, exact=self.exact), self.device)


class AlgorithmicData(pl.LightningDataModule):
    """Training and validation data of a task; the test is ``FixedSequences`` as well.

    Args:
        options: Which task.
        seed: Seed of the run; validation does not depend on it.
    """

    def __init__(self, options: AlgorithmicOptions, *, seed: int) -> None:
        super().__init__()
        self.options, self.seed = options, seed
        self.task = TASKS[options.kind]

    def train_dataloader(self) -> EndlessBatches:
        """Endless sequences, all of a batch of one size; none comes twice but by chance."""
        options, device = self.options, self._device()
        make = partial(self.task.make, varied=True) if options.varied else self.task.make

        def draw(generator: torch.Generator) -> Sequences:
            sizes = self.task.sizes(options.longest_in(loader.sampler.epoch))
            size = sizes[int(torch.randint(len(sizes), (1,), generator=generator))]
            return _to(make(options.batch_size, size, generator), device)

        easy = (options.easy, options.easy_epochs, options.grow_epochs)
        order = {"task": options.kind, "longest": options.longest, "easy": easy, "varied": options.varied, "batch size": options.batch_size}
        loader = EndlessBatches(draw, steps=options.steps, seed=self.seed, order=order)
        return loader

    def val_dataloader(self) -> FixedSequences:
        """The validation sequences, where the model is."""
        return self.fixed(self._device())

    def fixed(self, device: torch.device) -> FixedSequences:
        """The validation sequences, a few of every size that training shows, on a device."""
        sizes = tuple(self.task.sizes(self.options.longest))
        count = self.options.validation * (_MORE if self.task.fixed else 1)
        return FixedSequences(self.options, sizes, count=count, test=False, device=device)

    def _device(self) -> torch.device:
        strategy = self.trainer.strategy if self.trainer else None
        return strategy.root_device if strategy else torch.device("cpu")


def _to(batch: Sequences, device: torch.device) -> Sequences:
    return Sequences(*(each.to(device) for each in batch))
