"""The folder of a run: its own, made before the first step, with a record of how the run came about."""

import json
import os
import platform
import subprocess
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

from zoo.errors import ZooError
from zoo.recipes.finetune import FinetuneRecipe
from zoo.recipes.options import ClassifierRecipe
from zoo.recipes.registry import all_recipes

RUNS = Path("runs")
_FOLDER = "ZOO_RUN_FOLDER"  # what the first process tells the others
_PACKAGES = ("torch", "torchvision", "pytorch-lightning", "torchmetrics", "numpy", "safetensors")


def create_run_folder(name: str, wanted: Path | None) -> Path:
    """Make a folder that no other run has: ``wanted``, or ``runs/NAME-N`` with the next free number.

    The processes that Lightning starts for further devices get the first one's.

    Raises:
        ValueError: The folder exists and is not empty, or cannot be written.
    """
    if not is_first_process():
        return Path(os.environ[_FOLDER])
    folder = _new_folder(name, wanted)
    os.environ[_FOLDER] = os.fspath(folder)
    return folder


def is_first_process() -> bool:
    """Whether this is the process that a user started, not one that Lightning started for another device."""
    return os.environ.get("LOCAL_RANK", "0") == "0" or _FOLDER not in os.environ


def _new_folder(name: str, wanted: Path | None) -> Path:
    try:
        if wanted is not None:
            wanted.mkdir(parents=True, exist_ok=True)
            if any(wanted.iterdir()):
                raise ZooError(f"{wanted}: the run folder is not empty; choose another one, or go on with --resume {wanted}")
            _try_writing(wanted)
            return wanted
        RUNS.mkdir(exist_ok=True)
        for number in count():
            folder = RUNS / f"{name}-{number}"
            try:
                folder.mkdir()
                return folder
            except FileExistsError:
                continue
    except OSError as error:
        raise ZooError(
            f"{wanted or RUNS.absolute()}: the run folder cannot be written ({error.strerror}); choose one with --run"
        ) from error
    raise AssertionError("count() has no end")


def _try_writing(folder: Path) -> None:
    probe = folder / ".probe"
    probe.touch()
    probe.unlink()


def write_json(path: Path, content: Any) -> None:
    """Write plain values, replacing the file in one step."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=2, default=str) + "\n")
    partial.replace(path)


def environment(device: str, seed: int) -> dict[str, Any]:
    """What a run depends on beside its recipe: versions, device, threads, state of the code."""
    import torch

    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "device": device,
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


def remove_if_empty(folder: Path) -> None:
    """Take back a run folder in which nothing was written."""
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def read_recipe(folder: Path) -> ClassifierRecipe:
    """The recipe of a run, as its recipe.json has it.

    Raises:
        ValueError: The folder is no run's, or its record does not fit today's recipes.
    """
    path = folder / "recipe.json"
    try:
        record = json.loads(path.read_text())
        fine_tuned = "start" in record
        default = FinetuneRecipe(name=record["name"]) if fine_tuned else all_recipes()[record["name"]].make()
        return _restored(default, record)
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror}); --resume takes the folder of a run") from error
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ZooError(f"{path}: not a recipe that this version knows ({error!r})") from error


def _restored(default: Any, record: dict[str, Any]) -> Any:
    """``default`` with the recorded values, where there are any; JSON has neither tuples nor paths."""
    values = {}
    for field in fields(default):
        old, new = getattr(default, field.name), record.get(field.name, getattr(default, field.name))
        if is_dataclass(old):
            new = _restored(old, new)
        elif isinstance(old, tuple):
            new = tuple(new)
        elif new is not None and field.name in ("root", "run"):
            new = Path(new)
        values[field.name] = new
    return replace(default, **values)
