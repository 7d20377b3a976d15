"""The records of trained weights, those of a release and of a run alike: config.json and metrics.json. No heavy import."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.bounded_read import read_bounded
from zoo.errors import ZooError

_LARGEST = 1 << 20  # bytes of a record


@dataclass(frozen=True, kw_only=True)
class ModelMeta:
    """The record of released weights: what config.json and metrics.json say of them."""

    name: str
    arch: str
    options: dict[str, Any]
    kind: str = "classification"
    """Which of ``zoo.recipes.kinds`` trained it and knows how it is evaluated."""
    recipe: str
    loss: str
    """What training made small."""
    labels: list[str]
    """Names of the classes; none where the model tells none apart."""
    transform: dict[str, Any] | None
    """How a picture becomes the model's input: arguments of ``InputTransform``; None where the input is no picture."""
    sha256: str
    parameters: int
    data: dict[str, Any]
    """Kind, source and licence of the training data."""
    metrics: dict[str, Any]
    folder: Path


def checkpoint_root() -> Path:
    """The folder of released weights: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "checkpoints"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "checkpoints"


def released_names() -> list[str]:
    """Names of the released weights, in order."""
    return sorted(path.parent.name for path in checkpoint_root().glob("[!.]*/config.json"))


def read_record(path: Path) -> dict[str, Any]:
    """A record of any kind: the object of a JSON file of at most 1 MiB.

    Raises:
        OSError: The system refused.
        ValueError: It is larger, no regular file or no JSON.
        TypeError: It holds something else than an object.
        RecursionError: It is nested without end.
    """
    record = json.loads(read_bounded(path, _LARGEST))
    if not isinstance(record, dict):
        raise TypeError(f"{path.name} holds a {type(record).__name__}")
    return record


def find_record(name: str) -> ModelMeta | None:
    """The record of released weights or of a run's folder; None where there is none.

    Raises:
        ValueError: A config.json or metrics.json that is not a record.
    """
    folder = checkpoint_root() / name if name in released_names() else Path(name)
    if not (folder / "config.json").is_file():
        if (folder / "recipe.json").is_file():
            raise ZooError(f"{folder}: the run is not finished; go on with scripts/train.py --resume {folder}")
        return None
    if not (folder / "metrics.json").is_file():
        raise ZooError(f"{folder}: metrics.json is missing; if the run is not finished, go on with scripts/train.py --resume {folder}")
    try:
        config, metrics = (read_record(folder / file) for file in ("config.json", "metrics.json"))
        _check(config)
        return ModelMeta(name=name, folder=folder, metrics=metrics, **config)
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise ZooError(f"{folder}: config.json or metrics.json is damaged ({error}); install the zoo or train again") from error


def _check(config: dict[str, Any]) -> None:
    texts = ("arch", "kind", "recipe", "loss", "sha256")
    kinds = dict.fromkeys(texts, str) | {"options": dict, "labels": list, "transform": dict | None, "parameters": int, "data": dict}
    for name, kind in kinds.items():
        if name in config and not isinstance(config[name], kind):
            raise TypeError(f"{name} is a {type(config[name]).__name__}")
    data = config.get("data", {})
    if not all(isinstance(text, str) for text in (*config.get("labels", ()), *(data.get(name) for name in ("kind", "title", "licence")))):
        raise TypeError("a label, or what data says of itself, is no text")
