"""Errata by number, and how far the literal and the corrected formula lie from the truth."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from torch import Tensor

from zoo.functions.draw import Draw

HOLDS, FAILS = 1e-10, 1e-2
"""A formula holds below the first relative error (float64) and fails above the second; between them lies nothing."""


@dataclass(frozen=True)
class Finding:
    """Relative errors of the two formulas; infinite for one that cannot be computed at all."""

    literal: float
    corrected: float

    @property
    def shown(self) -> bool:
        """Whether the literal formula fails where the corrected one holds."""
        return self.corrected < HOLDS and self.literal > FAILS


@dataclass(frozen=True)
class Erratum:
    """One wrong or inconsistent formula of the slides."""

    number: str
    where: str
    literal: str
    corrected: str
    show: Callable[[Draw], Finding]


_errata: dict[str, Erratum] = {}

Show = Callable[[Draw], Finding]


def register_erratum(number: str, *, where: str, literal: str, corrected: str) -> Callable[[Show], Show]:
    """Make an erratum known under its number.

    Args:
        number: ``"E1"``; with a letter where one number holds several formulas (``"E53a"``).
        where: The slide's line, ``"D0:907"``.
        literal: The slide's formula, in a line.
        corrected: The right one, in a line.

    Raises:
        ValueError: The number is taken.
    """

    def register(show: Show) -> Show:
        if number in _errata:
            raise ValueError(f"erratum {number} is registered twice")
        _errata[number] = Erratum(number, where, literal, corrected, show)
        return show

    return register


def all_errata() -> list[Erratum]:
    """Every erratum, in the order of MATHS.md."""
    import zoo.functions.errata as room

    for module in iter_modules(room.__path__):
        import_module(f"{room.__name__}.{module.name}")
    return sorted(_errata.values(), key=lambda erratum: (int(erratum.number.strip("E").rstrip("abcdefgh")), erratum.number))


Formula = Callable[[], Tensor]


def find(*, literal: Formula, corrected: Formula, truth: Tensor, literal_raises: str | None = None) -> Finding:
    """Compare both formulas with the truth, which comes from automatic differentiation or from a definition.

    Args:
        literal: The slide's formula.
        corrected: The right one.
        truth: What both should give.
        literal_raises: Part of the message, for a literal formula that cannot be computed at all.
    """
    truth = truth.detach()
    wrong = _error(literal, truth) if literal_raises is None else _failure(literal, literal_raises)
    return Finding(wrong, _error(corrected, truth))


def _failure(formula: Formula, message: str) -> float:
    """Infinite where the formula fails as announced, zero where it does not fail."""
    try:
        formula()
    except (ValueError, RuntimeError) as error:
        if message not in str(error):
            raise
        return math.inf
    return 0.0


def _error(formula: Formula, truth: Tensor) -> float:
    value = formula().detach()
    if value.shape != truth.shape:
        return math.inf
    return float((value - truth).abs().max() / truth.abs().max())
