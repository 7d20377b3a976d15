"""Recipes by name: each is a function whose docstring says what it is and what comes of it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TypeVar

from zoo.recipes.options import EvaluateOptions, Recipe

Make = TypeVar("Make", bound=Callable[[], Recipe])


@dataclass(frozen=True)
class Entry:
    """A recipe's maker, what it says of itself, and the figure to compare it with."""

    make: Callable[[], Recipe]
    about: str
    paper: str


_entries: dict[str, Entry] = {}


def register_recipe(*, paper: str = "") -> Callable[[Make], Make]:
    """Make a recipe known under its function's name, with dashes for underscores.

    Args:
        paper: The published test error of the same network on the same data, with its source.

    Raises:
        ValueError: The name is taken.
    """

    def register(make: Make) -> Make:
        name = make.__name__.replace("_", "-")
        if name in _entries:
            raise ValueError(f"the recipe name {name!r} is registered twice")
        _entries[name] = Entry(make, inspect.cleandoc(make.__doc__ or ""), paper)
        return make

    return register


def all_recipes() -> dict[str, Entry]:
    """Every recipe, by name."""
    import_module("zoo.recipes")
    return dict(_entries)


def evaluation_options(kind: str) -> type[EvaluateOptions]:
    """What ``evaluate.py`` takes for models of a kind."""
    recipes = (entry.make() for entry in all_recipes().values())
    return next((recipe.evaluation for recipe in recipes if recipe.kind == kind), EvaluateOptions)
