"""Sequences that begin with a key and go on with noise.

Sizes in shapes: B batch, T steps, K keys, V symbols.
"""

import pytorch_lightning as pl
import torch
from jaxtyping import Int
from torch import Tensor

from zoo.data.batches import Batches
from zoo.data.endless import EndlessBatches
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


class RecallData(pl.LightningDataModule):
    """Serves them.

    Args:
        options: How many and how long.
        seed: Of the run.
    """

    def __init__(self, options: RecallOptions, *, seed: int) -> None:
        super().__init__()
        self.options, self.seed = options, seed

    def train_dataloader(self) -> EndlessBatches:
        """Endless sequences, all of a batch of one length."""
        options = self.options

        def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
            length = int(torch.randint(2, options.longest + 1, (), generator=generator))
            return sequences(options.batch_size, length, generator)

        order = {"batches": options.batches, "batch size": options.batch_size, "longest": options.longest}
        return EndlessBatches(draw, steps=options.batches, seed=self.seed, order=order)

    def val_dataloader(self) -> Batches:
        """Held-out sequences of the longest kind."""
        return Batches(*held_out(256, self.options.longest), batch_size=256)
