"""What there is to know of each kind of recipe: one file a kind, found by its name.

A kind says how its recipes are made ready, what is measured after training, how released weights are measured again,
and what their card tells. The run itself (trainer, checkpoints, records) is the same for all.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from zoo.errors import ZooError
from zoo.recipes.kinds.contract import Kind


def kind_named(name: str) -> Kind[Any]:
    """The kind of that name: ``KIND`` of ``zoo/recipes/kinds/NAME.py``.

    Raises:
        ZooError: There is none; a name may come from a stranger's record, and is imported only if it is a file's here.
    """
    known = [module.name for module in iter_modules(__path__) if module.name != "contract"]
    if name not in known:
        raise ZooError(f"there is no kind of recipe {name!r}; there are {', '.join(known)}")
    return import_module(f"zoo.recipes.kinds.{name}").KIND
