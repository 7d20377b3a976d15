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
    recorded = meta.data["root"]
    options = ImageOptions(
        kind=meta.data["kind"],
        root=root or (Path(recorded) if recorded else None),
        transform=TransformOptions.of_record(meta.transform or {}),
    )
    test, labels = read_test_split(options, transform=trained.transform)
    if labels != meta.labels:
        raise ZooError(f"{options.root}: its classes are {', '.join(labels)}, the model's {', '.join(meta.labels)}")
    return test
