"""How an iterative estimator ended."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Convergence:
    """What the last iteration left."""

    iterations: int
    objective: float
    """The value that was lowered."""
    residual: float
    """Norm of what the fitted model misses, as a share of the norm of the points."""
    change: float
    """How far the last iteration moved the completed points, as a share of their norm."""
