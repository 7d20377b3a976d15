"""The data on which a trained model is evaluated, from its record alone."""

from pathlib import Path

from zoo.data.module import read_test_split
from zoo.data.options import DoubleMoonOptions, ImageOptions, TransformOptions
from zoo.data.sets import Labelled
from zoo.errors import ZooError
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
        test, _ = read_test_split(DoubleMoonOptions(distance=meta.data["distance"]), seed=meta.data["seed"])
        return test
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
    recorded = trained.meta.data["root"]
    return ImageOptions(
        kind=trained.meta.data["kind"],
        root=root or (Path(recorded) if recorded else None),
        validation=0,
        transform=TransformOptions(**(trained.meta.transform or {})),
    )
