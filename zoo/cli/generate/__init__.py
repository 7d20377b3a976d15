"""generate.py NAME ...: let a model make something; each file beside this one is for one architecture, after which it is named.

A file holds ``main(name, flags)``: the model's name and the rest of the arguments.
"""

import importlib
import pkgutil
from pathlib import Path

from zoo.cli.common import take_name
from zoo.errors import ZooError

_USAGE = """usage: generate.py NAME [--field value ...]

NAME is a released model (scripts/list_models.py --released) or the folder of a run; generate.py NAME --help
lists the fields."""


def main(args: list[str]) -> None:
    """Let the model that ``args`` name make something."""
    name, flags = take_name(args, usage=_USAGE)
    from zoo.registry import describe

    arch = describe(name).arch
    known = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    if arch not in known:
        raise ZooError(f"{name} generates nothing; models of {', '.join(known)} do")
    importlib.import_module(f"{__name__}.{arch}").main(name, flags)
