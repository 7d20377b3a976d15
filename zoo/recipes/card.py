"""Releasing weights: the figures over seeds, the file of one seed, and the card that says it all."""

import importlib
import inspect
import json
import shutil
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zoo.data.catalog import limits
from zoo.errors import ZooError
from zoo.recipes.durable import write_json
from zoo.recipes.registry import all_recipes
from zoo.registry import checkpoint_root, describe, entry, list_models

_LARGEST = 16 << 20  # bytes of one file of weights
_OF_THE_MACHINE = ("run", "seed", "trainer.progress_bar", "trainer.accelerator", "trainer.threads", "trainer.checkpoint_every", "data.root")


@dataclass(frozen=True)
class Run:
    """A finished run on disk."""

    folder: Path
    recipe: dict[str, Any]
    metrics: dict[str, float]


def release(name: str, folders: list[Path]) -> Path:
    """Make ``checkpoints/NAME`` from the runs of one recipe with different seeds.

    The file is that of the run with the lowest validation error; the test error never chooses.

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
    config = json.loads((runs[0].folder / "config.json").read_text())
    if not name.startswith(f"{config['arch']}."):
        raise ZooError(f"{name}: these runs are of {config['arch']}, so the name must begin with {config['arch']}.")
    if any("val/error" not in run.metrics for run in runs):
        raise ZooError("a release is chosen by its validation error, and a run has none; train with --data.validation above 0")
    best = min(runs, key=lambda run: run.metrics["val/error"])
    weights = best.folder / "model.safetensors"
    if weights.stat().st_size > _LARGEST:
        raise ZooError(f"{weights}: {weights.stat().st_size >> 20} MB of weights, at most {_LARGEST >> 20} are released")
    target.mkdir(parents=True)
    try:
        for file in ("model.safetensors", "config.json"):
            shutil.copyfile(best.folder / file, target / file)
        write_json(target / "metrics.json", _summary(runs, best))
        (target / "README.md").write_text(render_card(name))
    except BaseException:  # half a release would count as one that is never changed
        shutil.rmtree(target)
        raise
    return target


def _read(folder: Path) -> Run:
    try:
        recipe = json.loads((folder / "recipe.json").read_text())
        return Run(folder, recipe, json.loads((folder / "metrics.json").read_text()))
    except (OSError, json.JSONDecodeError) as error:
        raise ZooError(f"{folder}: not a finished run ({error})") from error


def _check_recipes(runs: list[Run]) -> None:
    """A card says "train.py NAME reproduces this", so nothing but the seed may differ from NAME."""
    seeds = [run.recipe["seed"] for run in runs]
    if len(set(seeds)) != len(seeds):
        raise ZooError(f"two runs have the same seed ({', '.join(map(str, seeds))})")
    if (name := runs[0].recipe["name"]) not in all_recipes():
        raise ZooError(f"{runs[0].folder}: {name} is no registered recipe, so nobody could reproduce a release of it")
    for run in runs:
        today = json.loads(json.dumps(asdict(all_recipes()[run.recipe["name"]].make()), default=str))
        changed = _differences(today, run.recipe)
        if changed or run.recipe["name"] != runs[0].recipe["name"]:
            raise ZooError(
                f"{run.folder}: differs from the recipe {runs[0].recipe['name']} as it is now in {', '.join(changed) or 'its name'}"
            )


def _differences(today: dict[str, Any], then: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for field, value in today.items():
        path = prefix + field
        if isinstance(value, dict) and isinstance(then.get(field), dict):
            found += _differences(value, then[field], f"{path}.")
        elif path not in _OF_THE_MACHINE and value != then.get(field):
            found.append(path)
    return found


def _summary(runs: list[Run], best: Run) -> dict[str, Any]:
    summary: dict[str, Any] = {}
    for name in ("test/error", "test/loss", "val/error", "seconds"):
        values = [run.metrics[name] for run in runs if name in run.metrics]
        if values:
            summary[name] = {"median": statistics.median(values), "min": min(values), "max": max(values), "values": values}
    seeds = [run.recipe["seed"] for run in runs]
    hardware = json.loads((best.folder / "environment.json").read_text())
    summary["hardware"] = {name: hardware[name] for name in ("device", "threads")}
    return summary | {"seeds": seeds, "released": {"seed": best.recipe["seed"]} | best.metrics}


def render_card(name: str) -> str:
    """The card of a release, from its record and its figures alone."""
    meta = describe(name)
    figures, released = meta.metrics["test/error"], meta.metrics["released"]
    recipe = all_recipes()[meta.recipe]
    module = importlib.import_module(entry(meta.arch).build.__module__)
    seeds = meta.metrics["seeds"]
    values = ", ".join(f"{100 * value:.2f}" for value in figures["values"])
    spread = f"{100 * figures['min']:.2f} to {100 * figures['max']:.2f}"
    minutes = meta.metrics["seconds"]["median"] / 60
    return f"""# {name}

{recipe.about}

| | |
| --- | --- |
| test error, this file | **{100 * released["test/error"]:.2f} %** (loss {released["test/loss"]:.4f}), seed {released["seed"]} |
| test error, all seeds | median **{100 * figures["median"]:.2f} %**, {spread} % over {len(seeds)} seeds ({values}) |
| the paper | {recipe.paper or "no figure"} |
| parameters | {meta.parameters:,} trainable |
| data | {meta.data["title"]} |
| licence of the data | {meta.data["licence"]} |
| input | {_input_text(meta.transform)} |
| classes | {", ".join(meta.labels)} |
| loss | {meta.loss} |
| training time | {minutes:.1f} minutes a seed (median), {_hardware_text(meta.metrics["hardware"])} |
| sha256 | `{meta.sha256}` |

The released file is the seed with the lowest validation error; the test set was used once a run, after training.

## Use

```python
import zoo

model = zoo.get_model("{name}")
{_use_text(meta.transform)}
```

## Reproduce

```
python scripts/evaluate.py {name}   # the figures of this file, to every digit
python scripts/train.py {meta.recipe} --seed N   # N = {", ".join(map(str, seeds))}
```

## The model

{inspect.cleandoc(module.__doc__ or "")}

## Limits

{limits(meta.data["kind"])}
"""


def _hardware_text(hardware: dict[str, Any]) -> str:
    """What the released seed was trained on, as its run recorded it."""
    if hardware["device"] != "cpu":
        return str(hardware["device"])
    return "one CPU thread" if hardware["threads"] == 1 else f"{hardware['threads']} CPU threads"


def _use_text(transform: dict[str, Any] | None) -> str:
    if transform is None:
        return "score = model(standardized(point))  # point: B x 2; from zoo.data.double_moon"
    return "score = model(model.transform(image))  # image: uint8, B x 1 x h x w, light on dark"


def _input_text(transform: dict[str, Any] | None) -> str:
    if transform is None:
        return "points in the plane, shifted and scaled as `zoo.data.double_moon.standardized` does"
    size, content = transform["size"], transform["content"]
    whitening = f", then {transform['whitening']} whitening" if transform["whitening"] else ""
    return f"grey {size}x{size}: picture at {content}x{content}, background {transform['background']}, ink {transform['ink']}{whitening}"


def render_table() -> str:
    """The README's table of released models, from their records alone."""
    rows = ["| model | recipe | paper | zoo, median of seeds (spread) | this file | card |", "| --- | --- | --- | --- | --- | --- |"]
    for name in list_models(pretrained=True):
        meta = describe(name)
        error, released = meta.metrics["test/error"], meta.metrics["released"]["test/error"]
        spread = f"{100 * error['min']:.2f} to {100 * error['max']:.2f}, {len(error['values'])} seeds"
        paper = all_recipes()[meta.recipe].paper or "-"
        card = f"[card](checkpoints/{name}/README.md)"
        rows.append(
            f"| `{name}` | `{meta.recipe}` | {paper} | **{100 * error['median']:.2f} %** ({spread}) | {100 * released:.2f} % | {card} |"
        )
    return "\n".join(rows)
