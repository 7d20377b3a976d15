"""Sequences that begin with a key and go on with noise.

Sizes in shapes: B batch, T steps, K keys, V symbols.
"""

from collections.abc import Iterator
from typing import Any

import pytorch_lightning as pl
import torch
from jaxtyping import Int
from torch import Tensor

from zoo.data.batches import Batches, EpochOrder, check_order
from zoo.data.text_options import RecallOptions

KEYS, NOISE = 8, 8
_HELD_OUT_SEED = 1 << 20  # of sequences that no training batch draws


def sequences(count: int, length: int, generator: torch.Generator) -> tuple[Int[Tensor, "B T"], Int[Tensor, " B"]]:
    """Random sequences, and the keys with which they begin."""
    symbol = torch.randint(KEYS, KEYS + NOISE, (count, length), generator=generator)
    symbol[:, 0] = torch.randint(KEYS, (count,), generator=generator)
    return symbol, symbol[:, 0].clone()


def held_out(count: int, length: int) -> tuple[Int[Tensor, "B T"], Int[Tensor, " B"]]:
    """The same sequences whenever they are asked for, to measure on."""
    return sequences(count, length, torch.Generator().manual_seed(_HELD_OUT_SEED + length))


class RecallBatches:
    """Batches drawn anew, each a function of (seed, epoch, number).

    Args:
        options: How many and how long.
        seed: Of the run.
    """

    def __init__(self, options: RecallOptions, *, seed: int) -> None:
        self.options = options
        self._done = self._first = 0
        self.sampler = EpochOrder(options.batches, seed=seed)
        self.batch_sampler = None  # Lightning reads both names, as a DataLoader has them

    def __len__(self) -> int:
        return self.options.batches

    def state_dict(self) -> dict[str, Any]:
        """The position, for a checkpoint."""
        return self._order() | {"epoch": self.sampler.epoch, "batch": self._done}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Let the next iteration begin where the position was taken.

        Raises:
            ZooError: It is a position among other batches.
        """
        check_order(state_dict, self._order())
        self.sampler.set_epoch(state_dict["epoch"])
        self._first = state_dict["batch"] % len(self)

    def _order(self) -> dict[str, Any]:
        options = self.options
        return {"batches": len(self), "batch size": options.batch_size, "longest": options.longest, "seed": self.sampler.seed}

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        first, self._first = self._first, 0
        # A permutation's entries are as good as random seeds that differ within the epoch.
        for done, number in enumerate(self.sampler.permutation().tolist()[first:], first + 1):
            self._done = done
            generator = torch.Generator().manual_seed(((self.sampler.seed or 0) * 1_000_003 + self.sampler.epoch) * len(self) + number)
            length = int(torch.randint(2, self.options.longest + 1, (), generator=generator))
            yield sequences(self.options.batch_size, length, generator)


class RecallData(pl.LightningDataModule):
    """Serves them.

    Args:
        options: How many and how long.
        seed: Of the run.
    """

    def __init__(self, options: RecallOptions, *, seed: int) -> None:
        super().__init__()
        self.options, self.seed = options, seed

    def train_dataloader(self) -> RecallBatches:
        """An epoch's batches."""
        return RecallBatches(self.options, seed=self.seed)

    def val_dataloader(self) -> Batches:
        """Held-out sequences of the longest kind."""
        return Batches(*held_out(256, self.options.longest), batch_size=256)
