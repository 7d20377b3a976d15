"""The data on which a trained model is evaluated, from its record alone."""

from dataclasses import replace
from pathlib import Path

from zoo.data.module import read_test_split
from zoo.data.options import DoubleMoonOptions, ImageOptions
from zoo.data.sets import Labelled
from zoo.errors import ZooError
from zoo.recipes.restored import restored
from zoo.registry import Trained


def evaluation_data(trained: Trained, *, root: Path | None = None) -> Labelled:
    """The test split of a trained model, through the very transform that it was trained with.

    Args:
        trained: The model with its record.
        root: Folder of the data; None for the recorded one, $ZOO_DATA or the cache.

    Raises:
        ValueError: The data is missing, or its classes are not the model's.
    """
    meta = trained.meta
    if meta.data["kind"] == "double-moon":
        moons, seed = restored(DoubleMoonOptions(), meta.data), meta.data.get("seed")
        if type(seed) is not int or not 0 <= seed < 2**32:
            raise ZooError(f"{meta.folder}: the seed of its data is {seed!r}, expected a whole number of 32 bits")
        return read_test_split(moons, seed=seed)[0]
    options = recorded_options(trained, root=root)
    test, labels = read_test_split(options, transform=trained.transform)
    if labels != meta.labels:
        raise ZooError(f"{options.root}: its classes are {', '.join(labels)}, the model's {', '.join(meta.labels)}")
    return test


def recorded_options(trained: Trained, *, root: Path | None = None) -> ImageOptions:
    """The pictures that a trained model's record names, whole: nothing kept for validation.

    Args:
        trained: The model with its record.
        root: Folder of the data; None for the recorded one, $ZOO_DATA or the cache.
    """
    data, transform = trained.meta.data, trained.meta.transform or {}
    options = restored(ImageOptions(), {"kind": data["kind"], "root": data.get("root"), "validation": 0, "transform": transform})
    return replace(options, root=root) if root else options
