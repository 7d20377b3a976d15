"""Every function of the zoo with its native twin and examples: what tests, report and benchmark run over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar

from zoo.functions.draw import Draw

Example = Callable[[Draw], tuple[Any, ...]]
"""Gives the arguments of one call; the floating-point tensors that require a gradient are differentiated by."""


@dataclass(frozen=True)
class FunctionEntry:
    """One function with a hand-written gradient."""

    name: str
    formula: str
    """Where its gradient is written down: the number in MATHS.md, section 1."""
    manual: Callable[..., Any]
    native: Callable[..., Any]
    """The same value from PyTorch's own operators, differentiated by autograd."""
    example: Example
    extremes: Mapping[str, Example] = field(default_factory=dict)
    """Degenerate arguments by name (one kernel as large as the picture, saturated gates): equal to the twin as well."""
    once_differentiable: str = ""
    """Why there is no second derivative, for functions without one."""
    vmap: bool = True
    workload: Example | None = None
    """Arguments of the size that it meets in the zoo's models, for the benchmark."""


Function = TypeVar("Function", bound=Callable[..., Any])

_entries: dict[str, FunctionEntry] = {}


def register_function(
    *,
    formula: str,
    native: Callable[..., Any],
    example: Example,
    extremes: Mapping[str, Example] | None = None,
    once_differentiable: str = "",
    vmap: bool = True,
    workload: Example | None = None,
) -> Callable[[Function], Function]:
    """Make a function known under its own name; see ``FunctionEntry`` for the arguments.

    Raises:
        ValueError: The name is taken.
    """

    def register(manual: Function) -> Function:
        name = manual.__name__
        if name in _entries:
            raise ValueError(f"the function name {name!r} is registered twice")
        _entries[name] = FunctionEntry(name, formula, manual, native, example, extremes or {}, once_differentiable, vmap, workload)
        return manual

    return register


def all_functions() -> dict[str, FunctionEntry]:
    """Every registered function, by name."""
    import zoo.functions as room

    for module in iter_modules(room.__path__):
        import_module(f"{room.__name__}.{module.name}")
    return dict(sorted(_entries.items()))
