"""Options from the JSON that they were recorded as, each checked to be of its field's type."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from zoo.errors import ZooError

Options = TypeVar("Options")


def restored(default: Options, record: Any, *, where: str = "") -> Options:
    """``default`` with the recorded values, where there are any.

    Args:
        default: Options of the right kind: a dataclass, whose fields may be such as well.
        record: What ``dataclasses.asdict`` and JSON made of others.
        where: Name of the field that they are in, for messages.

    Raises:
        ZooError: A value is of another type than its field, or out of its range.
    """
    if not isinstance(record, Mapping):
        raise ZooError(f"{where.rstrip('.') or 'the recipe'} is {_shown(record)}, not options with names")
    hints, values = get_type_hints(type(default), include_extras=True), {}
    for field in fields(default):  # type: ignore[arg-type]
        name, old = where + field.name, getattr(default, field.name)
        if field.name not in record:
            values[field.name] = old
        elif is_dataclass(old):
            values[field.name] = restored(old, record[field.name], where=f"{name}.")
        else:
            values[field.name] = _value(hints[field.name], record[field.name], name)
    return replace(default, **values)  # type: ignore[type-var]


def _value(hint: Any, value: Any, name: str) -> Any:
    """A value as its field has it: JSON has neither tuples nor paths."""
    kind, inner = get_origin(hint) or hint, get_args(hint)
    if kind is Annotated:
        return _value(inner[0], value, name)
    if kind in (Union, UnionType):
        if value is None and NoneType in inner:
            return None
        return _value(next(each for each in inner if each is not NoneType), value, name)
    if kind is Literal:
        fits = value in inner and type(value) in map(type, inner)
    elif kind is tuple:
        return tuple(_value(inner[0], item, name) for item in value) if isinstance(value, list) else _refuse(name, value, "a list")
    elif kind is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    elif kind is Path:
        return Path(value) if isinstance(value, str) else _refuse(name, value, "a path")
    else:
        fits = type(value) is kind
    return value if fits else _refuse(name, value, " or ".join(map(str, inner)) or kind.__name__)


def _refuse(name: str, value: Any, expected: str) -> Any:
    raise ZooError(f"{name} is {_shown(value)}, expected {expected}")


def _shown(value: Any) -> str:
    shown = ascii(value)
    return shown if len(shown) <= 40 else f"{shown[:40]}..."
