"""The LightningDataModule of all sets that fit in memory."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytorch_lightning as pl
import torch
from torch import Tensor

from zoo.data.batches import Augment, Batches
from zoo.data.sets import Labelled, Splits
from zoo.layers.input_transform import InputTransform

_EVALUATION_BATCH = 500


@dataclass(frozen=True)
class Prepared:
    """Model inputs of the three splits; ``validation`` is None where all is trained on."""

    train: Labelled
    validation: Labelled | None
    test: Labelled
    labels: list[str]


class InMemoryData(pl.LightningDataModule):
    """Serves batches of tensors that live on the training device.

    Args:
        prepared: The splits.
        batch_size: Samples a training step, over all devices together.
        seed: Seed of the order of training samples.
        augment: Applied to training batches, on the device.
        transform: How a stored picture became an input, for pictures that come later.
    """

    def __init__(
        self,
        prepared: Prepared,
        *,
        batch_size: int,
        seed: int,
        augment: Augment | None = None,
        transform: InputTransform | None = None,
    ) -> None:
        super().__init__()
        self.prepared, self.batch_size, self.seed = prepared, batch_size, seed
        self.augment, self.transform = augment, transform

    def train_dataloader(self) -> Batches:
        """Shuffled, augmented batches of the training split, cut over the devices."""
        return self._batches(self.prepared.train, batch_size=self.batch_size, seed=self.seed, augment=self.augment)

    def val_dataloader(self) -> Iterable[tuple[Tensor, Tensor]]:
        """The validation split in its order; nothing where all is trained on."""
        return self._batches(self.prepared.validation) if self.prepared.validation else []

    def whole(self, split: Labelled) -> Batches:
        """A split in its order, all of it on this device: for figures, which one process computes."""
        device = self._device()
        return evaluation_batches(Labelled(split.input.to(device), split.label.to(device)))

    def _batches(
        self, split: Labelled, *, batch_size: int = _EVALUATION_BATCH, seed: int | None = None, augment: Augment | None = None
    ) -> Batches:
        device = self._device()
        return Batches(
            split.input.to(device),
            split.label.to(device),
            batch_size=batch_size,
            seed=seed,
            augment=augment,
            rank=self.trainer.global_rank if self.trainer else 0,
            world=self.trainer.world_size if self.trainer else 1,
        )

    def _device(self) -> torch.device:
        strategy = self.trainer.strategy if self.trainer else None
        return strategy.root_device if strategy else torch.device("cpu")


def evaluation_batches(split: Labelled) -> Batches:
    """A split in its order."""
    return Batches(split.input, split.label, batch_size=_EVALUATION_BATCH)


def cut_validation(splits: Splits, share: float, seed: int) -> tuple[Labelled, Labelled | None]:
    """Cut a random ``share`` of the training samples off for validation."""
    count = round(len(splits.train) * share)
    order = torch.randperm(len(splits.train), generator=torch.Generator().manual_seed(seed))
    if count == 0:
        return splits.train, None
    return splits.train.subset(order[count:].sort().values), splits.train.subset(order[:count].sort().values)
