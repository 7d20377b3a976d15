"""Recipes by name: each is a function whose docstring says its command, its time and its result."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from zoo.recipes.options import ClassifierRecipe


@dataclass(frozen=True)
class Entry:
    """A recipe's maker and what it says of itself."""

    make: Callable[[], ClassifierRecipe]
    about: str


_entries: dict[str, Entry] = {}


def register_recipe(make: Callable[[], ClassifierRecipe]) -> Callable[[], ClassifierRecipe]:
    """Make a recipe known under its function's name, with dashes for underscores.

    Raises:
        ValueError: The name is taken.
    """
    name = make.__name__.replace("_", "-")
    if name in _entries:
        raise ValueError(f"the recipe name {name!r} is registered twice")
    _entries[name] = Entry(make, make.__doc__ or "")
    return make


def all_recipes() -> dict[str, Entry]:
    """Every recipe, by name."""
    import_module("zoo.recipes")
    return dict(_entries)
