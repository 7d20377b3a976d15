"""How a recipe's options become a LightningDataModule."""

import os
from collections.abc import Callable
from dataclasses import asdict

from jaxtyping import Float
from torch import Tensor

from zoo.data.augmentation import distort
from zoo.data.batches import Augment
from zoo.data.catalog import SOURCES
from zoo.data.cluttered_data import build_cluttered
from zoo.data.cluttered_options import ClutteredOptions
from zoo.data.double_moon import load_double_moon, standardized
from zoo.data.in_memory import InMemoryData, Prepared, cut_validation, evaluation_batches
from zoo.data.options import DoubleMoonOptions, ImageOptions
from zoo.data.sets import Labelled, Splits
from zoo.errors import ZooError
from zoo.layers.input_transform import InputTransform

__all__ = ["InMemoryData", "Prepared", "build_data", "evaluation_batches", "read_test_split"]


def build_data(
    options: ImageOptions | DoubleMoonOptions | ClutteredOptions, *, seed: int, transform: InputTransform | None = None
) -> InMemoryData:
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
    if isinstance(options, ClutteredOptions):
        return build_cluttered(options, seed=seed)
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

    Raises:
        ZooError: As inputs of the model the pictures would not fit into this machine's memory.
    """
    transform = fitted or InputTransform(**asdict(options.transform))
    _check_memory(splits, transform)
    train, validation = cut_validation(splits, options.validation, options.split_seed)
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
    train, validation = cut_validation(splits, options.validation, options.split_seed)
    prepared = Prepared(
        train=_map(train, standardized),
        validation=_map(validation, standardized) if validation else None,
        test=_map(splits.test, standardized),
        labels=splits.labels,
    )
    return InMemoryData(prepared, batch_size=options.batch_size, seed=seed)


def _check_memory(splits: Splits, transform: InputTransform) -> None:
    """A small set becomes a large one where a network wants large pictures: MNIST 42 GB at 224 x 224 in three colours."""
    if not hasattr(os, "sysconf"):  # Windows
        return
    count, side = len(splits.train) + len(splits.test), transform.size
    needed = count * max(splits.train.input.shape[1], transform.low.numel()) * side**2 * 4
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > there:
        raise ZooError(
            f"{count:,} pictures at the model's {side} x {side} pixels take {needed / 1e9:.0f} GB, and this machine has "
            f"{there / 1e9:.0f} GB: take a data set of fewer pictures, or a model that takes smaller ones"
        )


def _map(split: Labelled, function: Callable[[Tensor], Tensor]) -> Labelled:
    return Labelled(function(split.input), split.label)
