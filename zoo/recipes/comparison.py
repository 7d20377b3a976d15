"""What makes two recipes one and the same run: all of their options but those of the machine."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from zoo.errors import ZooError
from zoo.recipes.options import Recipe
from zoo.records import read_record

OF_THE_MACHINE = frozenset(
    {
        "run",
        "trainer.progress_bar",
        "trainer.accelerator",
        "trainer.threads",
        "trainer.checkpoint_every",
        "data.root",
        "data.workers",
    }
)


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested options as ``data.transform.size``, with plain values: what TensorBoard's table of hyperparameters takes."""
    options: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            options |= flat(value, f"{prefix}{name}.")
        else:
            plain = isinstance(value, int | float | bool)
            options[prefix + name] = (
                value if plain else str(value).encode(errors="backslashreplace").decode()
            )  # file names need not be text
    return options


def what_counts(recipe: Recipe) -> dict[str, Any]:
    """A recipe's options, but for those of the machine."""
    return {name: value for name, value in flat(asdict(recipe)).items() if name not in OF_THE_MACHINE}


def as_recorded(recipe: Recipe) -> dict[str, Any]:
    """A recipe's options as the recipe.json of its run has them, flat."""
    return flat(json.loads(json.dumps(asdict(recipe), default=str)))


def read_finished(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options, flat, and the figures of a finished run.

    Raises:
        ZooError: A record is missing or damaged.
    """
    try:
        return flat(read_record(folder / "recipe.json")), read_record(folder / "metrics.json")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ZooError(f"{folder}: not a finished run ({error})") from error


def changed(options: Mapping[str, Any], usual: Mapping[str, Any]) -> list[str]:
    """What is not as usual, such as ``task.weight 0.1``, but for the seed and the options of the machine."""
    return sorted(
        f"{name} {value}" for name, value in options.items() if name not in OF_THE_MACHINE | {"seed"} and usual.get(name) != value
    )


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """The options in which two recipes' flat records differ."""
    return [name for name in first | second if first.get(name) != second.get(name)]  # type: ignore[operator]
