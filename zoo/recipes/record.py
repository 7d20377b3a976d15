"""How a run came about: its recipe, and what it depended on beside it."""

import os
import platform
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zoo.errors import ZooError
from zoo.recipes.durable import write_json
from zoo.recipes.finetune import FinetuneRecipe
from zoo.recipes.options import Recipe
from zoo.recipes.registry import all_recipes
from zoo.recipes.restored import restored
from zoo.records import read_record

_PACKAGES = ("torch", "torchvision", "pytorch-lightning", "torchmetrics", "numpy", "safetensors")


def record_start(recipe: Recipe, folder: Path, *, device: str, precision: str) -> None:
    """What is known before the first step; a resumed run adds where it goes on to where it began.

    ``precision`` is the arithmetic that is used, which on some processors is not the recipe's.
    """
    now, path = _environment(recipe, device, precision), folder / "environment.json"
    if path.is_file():
        try:
            began = read_record(path)
            now = began | {"resumed": [*began.get("resumed", []), now]}
        except (ValueError, TypeError, RecursionError) as error:
            raise ZooError(f"{path}: damaged ({type(error).__name__}); take it away, and the run goes on without it") from error
    write_json(folder / "recipe.json", asdict(recipe))  # the first: without it a run cannot go on
    write_json(path, now)


def _environment(recipe: Recipe, device: str, precision: str) -> dict[str, Any]:
    """Versions, device, arithmetic, threads, state of the code."""
    import torch

    from zoo.functions.products import has_bfloat16

    slow = device == "cpu" and not has_bfloat16()
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": recipe.seed,
        "device": device,
        "precision": precision,
        "matmul": "highest" if slow else recipe.trainer.matmul,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {package: version(package) for package in _PACKAGES},
        "git": _git_state(),
    }


def _git_state() -> str | None:
    """The commit of the code, marked ``-dirty`` where it was changed since; None outside a checkout."""
    command = ["git", "-C", os.fspath(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def read_recipe(folder: Path) -> Recipe:
    """The recipe of a run, as its recipe.json has it.

    Raises:
        ValueError: The folder is no run's, or its record does not fit today's recipes.
    """
    path = folder / "recipe.json"
    try:
        record = read_record(path)
        default = FinetuneRecipe(name=record["name"]) if "start" in record else all_recipes()[record["name"]].make()
        return restored(default, record)
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror}); --resume takes the folder of a run") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ZooError(f"{path}: not a recipe that this version knows ({error if isinstance(error, ZooError) else repr(error)})") from error
