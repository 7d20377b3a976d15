"""benchmark.py NAME: measure speed against plain PyTorch, and methods against each other.

Each file beside this one is a benchmark: its docstring is what is compared, ``Options`` the flags, ``measure`` does it.
"""

import importlib
import inspect
import pkgutil
import shlex
from typing import Any

from zoo.cli.common import check_json, nearest, parse, take_name, write_figures

_OPTIONS = "options"  # the one file that is no benchmark


def main(args: list[str]) -> None:
    """Run the benchmark that ``args`` name."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name != _OPTIONS]
    name, flags = take_name(args, usage=_usage(names))
    if name not in names:
        raise nearest(name, names, what="benchmark")
    benchmark = importlib.import_module(f"{__name__}.{name}")
    options = parse(benchmark.Options, flags, prog=f"benchmark.py {name}")
    check_json(options.json)
    figures = benchmark.measure(options)
    _print(figures)
    write_figures(options.json, {"command": _command(args), "figures": figures})


def _command(args: list[str]) -> str:
    """What prints the figures again; where else they went does not matter."""
    kept = [flag for before, flag in zip(["", *args], args, strict=False) if before != "--json" and not flag.startswith("--json")]
    return shlex.join(["benchmark.py", *kept])


def _usage(names: list[str]) -> str:
    width = max(map(len, names)) + 2
    lines = [f"  {name:{width}}{inspect.getdoc(importlib.import_module(f'{__name__}.{name}'))}" for name in names]
    return "\n".join(["usage: benchmark.py NAME [--field value ...]", "", *lines])


def _print(figures: dict[str, Any], indent: str = "") -> None:
    for name, value in figures.items():
        if not isinstance(value, dict):
            print(f"{indent}{name:32} {_number(value)}")
        elif "median" in value:
            rate = next((f"   {rate:,.0f} {unit}" for unit, rate in value.items() if unit.endswith(" a second")), "")
            print(f"{indent}{name:32} median {value['median']:.3f} s   ({value['min']:.3f} to {value['max']:.3f}){rate}")
        else:
            print(f"{indent}{name}")
            _print(value, indent + "  ")


def _number(value: float) -> str:
    return f"{value:.1g}" if 0 < abs(value) < 0.0005 else f"{value:.3f}"  # learning rates are small
