"""What there is to know of each kind of recipe: one file a kind, found by its name.

A kind says how its recipes are made ready, what is measured after training, how released weights are measured again,
and what their card tells. The run itself (trainer, checkpoints, records) is the same for all.
"""

from importlib import import_module
from typing import Any

from zoo.recipes.kinds.contract import Kind


def kind_named(name: str) -> Kind[Any]:
    """The kind of that name: ``KIND`` of ``zoo/recipes/kinds/NAME.py``."""
    return import_module(f"zoo.recipes.kinds.{name}").KIND
