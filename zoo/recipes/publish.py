"""Releasing weights: the figures over seeds, and the file of one seed."""

import json
import shutil
import statistics
from dataclasses import asdict, dataclass, is_dataclass, replace
from pathlib import Path
from typing import Any

from zoo.errors import ZooError
from zoo.recipes.card import flat_figures, render_card
from zoo.recipes.comparison import OF_THE_MACHINE, differences, flat
from zoo.recipes.durable import write_durably, write_json
from zoo.recipes.kinds import kind_named
from zoo.recipes.kinds.contract import compared
from zoo.recipes.registry import all_recipes
from zoo.records import checkpoint_root, read_record
from zoo.registry import describe
from zoo.weights_file import load_weights

_LARGEST = 16 << 20  # bytes of one file of weights


@dataclass(frozen=True)
class Run:
    """A finished run on disk."""

    folder: Path
    recipe: dict[str, Any]
    config: dict[str, Any]
    metrics: dict[str, Any]
    environment: dict[str, Any]


def release(name: str, folders: list[Path]) -> Path:
    """Make ``checkpoints/NAME`` from the runs of one recipe with different seeds.

    The file is that of the run with the lowest figure of validation that its kind names; the test set never chooses.

    Args:
        name: ``arch.tag``, not released before.
        folders: The runs.

    Returns:
        The new folder.

    Raises:
        ValueError: The name is taken or not the runs' architecture, a run is unfinished, or the runs are not
            those of one registered recipe as it stands today.
    """
    runs = [_read(folder) for folder in folders]
    target = checkpoint_root() / name
    if target.exists():
        raise ZooError(f"{target}: a released tag is never changed; choose the next one (_v2)")
    _check_recipes(runs)
    config = runs[0].config
    if not name.startswith(f"{config['arch']}."):
        raise ZooError(f"{name}: these runs are of {config['arch']}, so the name must begin with {config['arch']}.")
    chosen_by = kind_named(config.get("kind", "classification")).chosen_by
    if any(chosen_by not in run.metrics for run in runs):
        raise ZooError(f"a release is chosen by its {chosen_by}, and a run has none; train with a validation split (--data.validation)")
    best = min(runs, key=lambda run: run.metrics[chosen_by])
    weights = best.folder / "model.safetensors"
    if weights.stat().st_size > _LARGEST:
        raise ZooError(f"{weights}: {weights.stat().st_size >> 20} MB of weights, at most {_LARGEST >> 20} are released")
    load_weights(weights, sha256=best.config["sha256"])  # what is released is never changed, so it must be whole
    half = target.with_name(f".{name}.partial")  # half a release would count as one that is never changed
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for file in ("model.safetensors", "config.json"):
        write_durably(half / file, (best.folder / file).read_bytes())
    write_json(half / "metrics.json", _summary(runs, best))
    write_durably(half / "README.md", render_card(replace(describe(str(half)), name=name)).encode())
    half.rename(target)
    return target


def write_card(name: str) -> Path:
    """Write the card of released weights again, from their record."""
    meta = describe(name)
    path = meta.folder / "README.md"
    write_durably(path, render_card(meta).encode())
    return path


def keep_beside(name: str, path: Path) -> Path:
    """Add what a benchmark measured to the record of released weights, and to their card.

    Args:
        name: Released weights.
        path: What ``benchmark.py --json`` wrote; what the same command gave before is replaced.

    Returns:
        The card.

    Raises:
        ZooError: That is no such file.
    """
    try:
        record = read_record(path)
        command, figures = str(record["command"]), record["figures"]
        flat_figures(figures)
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise ZooError(f"{path}: nothing that benchmark.py wrote with --json ({error})") from error
    meta = describe(name)
    beside = {**meta.metrics.get("beside", {}), command: figures}
    write_json(meta.folder / "metrics.json", meta.metrics | {"beside": beside})
    return write_card(name)


def _read(folder: Path) -> Run:
    try:
        return Run(folder, *(read_record(folder / f"{name}.json") for name in ("recipe", "config", "metrics", "environment")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ZooError(f"{folder}: not a finished run ({error})") from error


def _check_recipes(runs: list[Run]) -> None:
    """A card says "train.py NAME reproduces this", so nothing but the seed may differ from NAME."""
    seeds = [run.recipe["seed"] for run in runs]
    if len(set(seeds)) != len(seeds):
        raise ZooError(f"two runs have the same seed ({', '.join(map(str, seeds))})")
    if (name := runs[0].recipe["name"]) not in all_recipes():
        raise ZooError(f"{runs[0].folder}: {name} is no registered recipe, so nobody could reproduce a release of it")
    for run in runs:
        recipe, then = all_recipes()[run.recipe["name"]].make(), flat(run.recipe)
        today = _flat(asdict(recipe))
        # An option that came after the run, and is at its default, changes nothing of what the run did.
        default = _flat(
            {name: asdict(type(part)()) for name, part in vars(recipe).items() if is_dataclass(part) and not isinstance(part, type)}
        )
        since = {name for name, value in default.items() if name not in then and today[name] == value}
        changed = {*differences(today, then)} - since - OF_THE_MACHINE - {"seed"}
        if changed or run.recipe["name"] != runs[0].recipe["name"]:
            raise ZooError(
                f"{run.folder}: differs from the recipe {runs[0].recipe['name']} as it is now in {', '.join(sorted(changed)) or 'its name'}"
            )


def _flat(options: dict[str, Any]) -> dict[str, Any]:
    """Nested options, as they would be read back from a file."""
    return flat(json.loads(json.dumps(options, default=str)))


def _summary(runs: list[Run], best: Run) -> dict[str, Any]:
    summary: dict[str, Any] = {}
    for name in compared(best.metrics):
        values = [run.metrics[name] for run in runs if name in run.metrics]
        if name != "epochs" and len(values) == len(runs):
            summary[name] = {"median": statistics.median(values), "min": min(values), "max": max(values), "values": values}
    seeds = [run.recipe["seed"] for run in runs]
    summary["hardware"] = {name: best.environment[name] for name in ("device", "threads")}
    return summary | {"seeds": seeds, "released": {"seed": best.recipe["seed"]} | compared(best.metrics)}
