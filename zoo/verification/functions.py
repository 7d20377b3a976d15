"""One row a function: how far its hand-written gradient lies from every other way to have it."""

from dataclasses import dataclass

import torch

from zoo.functions.draw import Draw
from zoo.functions.registry import FunctionEntry
from zoo.verification.checks import difference_error, gradcheck, gradgradcheck, twin_error, vmap_error

TWIN_TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-5, torch.bfloat16: 5e-2, torch.float16: 1e-2}
"""Largest relative error against the native twin, values and gradients."""
DIFFERENCE_TOLERANCE = 1e-6
"""Largest relative error against a central difference, in double precision."""
TOOLBOX_TOLERANCE = 1e-12
"""Largest error against DeepLearnToolbox's own figures, in double precision."""


@dataclass(frozen=True)
class FunctionRow:
    """What was found of one function."""

    name: str
    formula: str
    twin: float
    extremes: float
    difference: float
    jacobian: bool
    second: bool | None
    """Whether second derivatives are right; None for a function that has none, and says why."""
    vmap: float | None
    toolbox: float | None
    """Error against DeepLearnToolbox; None where it has no such function."""
    dtype: torch.dtype

    @property
    def passed(self) -> bool:
        """Whether every check is within its tolerance."""
        within = TWIN_TOLERANCE[self.dtype]
        errors = [(self.twin, within), (self.extremes, within), (self.difference, DIFFERENCE_TOLERANCE)]
        errors += [(self.vmap, within)] if self.vmap is not None else []
        errors += [(self.toolbox, TOOLBOX_TOLERANCE)] if self.toolbox is not None else []
        return self.jacobian and self.second is not False and all(error <= tolerance for error, tolerance in errors)


def check_function(entry: FunctionEntry, *, dtype: torch.dtype, device: str, toolbox: float | None = None) -> FunctionRow:
    """Run every check on one function.

    Args:
        entry: The function.
        dtype: Precision of the comparison with the twin; finite differences are always taken in double precision.
        device: Where to compute.
        toolbox: What ``toolbox_errors`` found of it.
    """

    def drawn(precision: torch.dtype) -> Draw:
        return Draw(dtype=precision, device=device)

    double = entry.example(drawn(torch.float64))
    return FunctionRow(
        name=entry.name,
        formula=entry.formula,
        twin=twin_error(entry, entry.example(drawn(dtype))),
        extremes=max((twin_error(entry, extreme(drawn(dtype))) for extreme in entry.extremes.values()), default=0.0),
        difference=difference_error(entry, double),
        jacobian=gradcheck(entry, double),
        second=None if entry.once_differentiable else gradgradcheck(entry, double),
        vmap=vmap_error(entry, entry.example, dtype=dtype, device=device) if entry.vmap else None,
        toolbox=toolbox,
        dtype=dtype,
    )
