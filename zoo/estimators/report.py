"""How an iterative estimator ended."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Convergence:
    """What the last iteration left."""

    iterations: int
    objective: float
    """The value that was lowered, of the points as they were scaled to be solved."""
    residual: float
    """Norm of what the fitted model misses, as a share of the norm of the points; of what is known of them, where the model is of that."""
    change: float
    """How far the last iteration moved the completed points, as a share of the same norm: what is not small has not converged."""
