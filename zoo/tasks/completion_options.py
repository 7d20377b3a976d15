"""What a recipe says of a self-expressive completion. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass

from zoo.errors import ZooError, check_range


@dataclass(frozen=True)
class PathOptions:
    """The penalties on the way to a completion; an epoch walks it once."""

    first: float = 0.1
    """Penalty of the first step, where only points that are close express one another."""
    last: float = 1e-3
    """Of the last; without noise, one near 0 leaves little error."""
    steps: int = 100
    """Penalties from the first to the last, by one factor."""

    def __post_init__(self) -> None:
        check_range("--task.steps", self.steps, least=1)
        check_range("--task.first", self.first, least=0)
        if not 0 < self.last <= self.first:
            raise ZooError(f"--task.last {self.last}: the penalty falls from --task.first {self.first}, and stays above 0")
