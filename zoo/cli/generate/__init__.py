"""generate.py NAME ...: let a model make something; each file beside this one is for one architecture, after which it is named.

A file holds ``main(name, flags)``: the model's name and the rest of the arguments.
"""

import importlib
import pkgutil

from zoo.cli.common import take_model
from zoo.errors import ZooError
from zoo.records import find_record

_USAGE = """usage: generate.py NAME [--field value ...]

NAME is a released model (scripts/list_models.py --released) or the folder of a run; generate.py NAME --help
lists the fields."""


def generators() -> list[str]:
    """The architectures that generate something."""
    return [module.name for module in pkgutil.iter_modules(__path__)]


def main(args: list[str]) -> None:
    """Let the model that ``args`` name make something."""
    name, flags = take_model(args, usage=_USAGE)
    record = find_record(name)
    if record is None:
        from zoo.registry import describe

        record = describe(name)  # says which names are near
    if record.arch not in generators():
        raise ZooError(f"{name} generates nothing; models of {', '.join(generators())} do")
    importlib.import_module(f"{__name__}.{record.arch}").main(name, flags)
