"""Finished runs of a recipe against runs with another value of one option, seed by seed."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo.errors import ZooError, did_you_mean
from zoo.metrics.means import mean_interval
from zoo.recipes.comparison import OF_THE_MACHINE, as_recorded, changed, read_finished
from zoo.recipes.kinds import kind_named
from zoo.recipes.kinds.contract import Measure
from zoo.recipes.registry import all_recipes

Figures = Mapping[str, float]
Rest = frozenset[tuple[str, Any]]
"""The options in which runs that are compared are alike."""


def compare_variants(recipe: str, option: str, *, runs: Path) -> dict[str, Any]:
    """Compare runs as the recipe has ``option`` with those that have another value of it and are alike in all else.

    Args:
        recipe: Name of the recipe.
        option: Such as ``task.weight``.
        runs: Folder of the runs.

    Returns:
        For each comparison and figure: both medians over the seeds that both sides have, the quotient of the medians, and the mean
        difference (the recipe's less the other's) with its 95 % interval.

    Raises:
        ZooError: There is no such recipe or option, or nothing to compare in the folder.
    """
    if recipe not in all_recipes():
        raise ZooError(f"there is no recipe {recipe!r}; {did_you_mean(recipe, [*all_recipes()], otherwise='train.py lists them')}")
    own = as_recorded(all_recipes()[recipe].make())
    if (name := option.removeprefix("--").replace("-", "_")) not in own:
        raise ZooError(f"{recipe} has no option {option!r}; {did_you_mean(name, [*own], otherwise=f'train.py {recipe} --help lists them')}")
    measures = kind_named(all_recipes()[recipe].make().kind).measures
    compared: dict[str, Any] = {}
    for rest, values in _finished(recipe, name, runs).items():
        for value in sorted(values, key=str):
            seeds = sorted(values[value].keys() & values.get(own[name], {}).keys())
            if value != own[name] and len(seeds) > 1:
                title = ", ".join([*changed(dict(rest), own), f"{name} {own[name]} against {value}"])
                compared[title] = _differences(measures, *([values[side][seed] for seed in seeds] for side in (own[name], value)))
    if not compared:
        raise ZooError(f"{runs}: no finished runs of {recipe} that differ in {name} alone and have two seeds in common; train them")
    return compared


def _finished(recipe: str, option: str, runs: Path) -> dict[Rest, dict[Any, dict[int, Figures]]]:
    """The figures of the recipe's finished runs: by all other options, the value of ``option``, and the seed."""
    found: dict[Rest, dict[Any, dict[int, Figures]]] = defaultdict(lambda: defaultdict(dict))
    for path in sorted(runs.glob("*/metrics.json")):
        options, figures = read_finished(path.parent)
        if options.get("name") == recipe:
            seed, value = options["seed"], options.get(option)
            rest = frozenset(item for item in options.items() if item[0] not in OF_THE_MACHINE | {"seed", option})
            if seed in found[rest][value]:
                raise ZooError(f"{path.parent}: another run beside it has the same options and seed {seed}; move one of them away")
            found[rest][value][seed] = figures
    return found


def _differences(measures: Sequence[Measure], ours: list[Figures], theirs: list[Figures]) -> dict[str, dict[str, float]]:
    return {
        f"{measure.title}, {measure.unit}".rstrip(", "): _difference(measure, ours, theirs)
        for measure in measures
        if all(measure.metric in figures for figures in (*ours, *theirs))
    }


def _difference(measure: Measure, ours: list[Figures], theirs: list[Figures]) -> dict[str, float]:
    first, second = ([measure.scale * figures[measure.metric] for figures in side] for side in (ours, theirs))
    mean, low, high = mean_interval([mine - other for mine, other in zip(first, second, strict=True)])
    medians = statistics.median(first), statistics.median(second)
    quotient = {"other over recipe": medians[1] / medians[0]} if medians[0] else {}
    return {
        "median of the recipe": medians[0],
        "median of the other": medians[1],
        **quotient,
        "mean difference": mean,
        "95 % interval from": low,
        "95 % interval to": high,
        "seeds": len(first),
    }
