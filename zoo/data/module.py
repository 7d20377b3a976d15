"""The LightningDataModule of all sets that fit in memory, and how recipes' options become one."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from torch import Tensor

from zoo.data.augmentation import distort
from zoo.data.batches import Augment, Batches
from zoo.data.catalog import SOURCES
from zoo.data.double_moon import load_double_moon, standardized
from zoo.data.options import DoubleMoonOptions, ImageOptions
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
        augment: Applied to training batches, on the device; None leaves them as they are.
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


def build_data(options: ImageOptions | DoubleMoonOptions, *, seed: int, transform: InputTransform | None = None) -> InMemoryData:
    """Read a data set, cut validation from its training part and prepare the model's inputs.

    Args:
        options: The recipe's.
        seed: Seed of the run: order and distortion of training samples.
        transform: The fitted transform of a trained model; None to fit one on the training split.

    Raises:
        ValueError: The data is missing, damaged or does not suit the options.
    """
    if isinstance(options, DoubleMoonOptions):
        return _double_moon_data(options, seed)
    return prepare_images(SOURCES[options.kind].load(options), options, seed=seed, fitted=transform)


def read_test_split(
    options: ImageOptions | DoubleMoonOptions, *, seed: int = 0, transform: InputTransform | None = None
) -> tuple[Labelled, list[str]]:
    """The test split as model inputs, and the names of its classes; nothing is done to the training samples.

    Args:
        options: Which set.
        seed: Seed of the double moon's points.
        transform: The fitted transform of the trained model.

    Raises:
        ValueError: The data is missing or damaged.
    """
    if isinstance(options, DoubleMoonOptions):
        splits = load_double_moon(distance=options.distance, seed=seed)
        return _map(splits.test, standardized), splits.labels
    splits = SOURCES[options.kind].load(options)
    return _map(splits.test, transform or InputTransform(**asdict(options.transform))), splits.labels


def training_pictures(options: ImageOptions) -> Float[Tensor, "N V"]:
    """All training pictures as rows of model inputs, those for validation as well: what baselines are fitted to.

    Raises:
        ValueError: The data is missing or damaged.
    """
    transform = InputTransform(**asdict(options.transform))
    return transform(SOURCES[options.kind].load(options).train.input).flatten(1)


def prepare_images(splits: Splits, options: ImageOptions, *, seed: int, fitted: InputTransform | None = None) -> InMemoryData:
    """Pictures that have been read: cut validation off, fit the transform where there is none, and distort in training.

    Args:
        splits: The pictures.
        options: The recipe's, but for the kind.
        seed: Seed of the run.
        fitted: The transform of a trained model.
    """
    train, validation = _cut(splits, options.validation, options.split_seed)
    transform = fitted or InputTransform(**asdict(options.transform))
    canvas = _map(train, transform.canvas)
    if fitted is None:
        transform.fit(canvas.input)

    def function(x: Tensor, index: Tensor, epoch: int) -> Tensor:
        distorted = distort(x, index, options.distortion, seed=seed, epoch=epoch)
        return transform.to(x.device).normalize(distorted)

    distorts = options.distortion.active
    prepared = Prepared(
        train=canvas if distorts else _map(canvas, transform.normalize),
        validation=_map(validation, transform) if validation else None,
        test=_map(splits.test, transform),
        labels=splits.labels,
    )
    augment = Augment(function, workers=options.workers) if distorts else None
    return InMemoryData(prepared, batch_size=options.batch_size, seed=seed, augment=augment, transform=transform)


def _double_moon_data(options: DoubleMoonOptions, seed: int) -> InMemoryData:
    splits = load_double_moon(distance=options.distance, seed=seed)
    train, validation = _cut(splits, options.validation, options.split_seed)
    prepared = Prepared(
        train=_map(train, standardized),
        validation=_map(validation, standardized) if validation else None,
        test=_map(splits.test, standardized),
        labels=splits.labels,
    )
    return InMemoryData(prepared, batch_size=options.batch_size, seed=seed)


def _map(split: Labelled, function: Callable[[Tensor], Tensor]) -> Labelled:
    return Labelled(function(split.input), split.label)


def _cut(splits: Splits, share: float, seed: int) -> tuple[Labelled, Labelled | None]:
    """Cut a random ``share`` of the training samples off for validation."""
    count = round(len(splits.train) * share)
    order = torch.randperm(len(splits.train), generator=torch.Generator().manual_seed(seed))
    if count == 0:
        return splits.train, None
    return splits.train.subset(order[count:].sort().values), splits.train.subset(order[:count].sort().values)
