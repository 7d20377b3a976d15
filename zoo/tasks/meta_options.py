"""What a recipe says of training an optimiser. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass, field
from typing import Literal

from zoo.errors import ZooError, check_range
from zoo.tasks.options import OptimizerOptions


@dataclass(frozen=True)
class MetaOptions:
    """How an optimiser is trained."""

    optimizer: OptimizerOptions = field(default_factory=lambda: OptimizerOptions(name="adam", lr=3e-3, schedule="cosine"))
    """What trains the optimiser."""
    unroll: int = 20
    """Steps through which errors are propagated back, before the optimiser is changed and goes on from where it is."""
    objective: Literal["loss", "log-loss"] = "loss"
    """What is made small, summed over all steps: the problems' losses, as in the paper, or their logarithms, to which easy and hard
    problems, and late and early steps, matter alike."""
    second_order: bool = False
    """Propagate back through the gradients that the optimiser sees as well, which the paper leaves out; several times slower."""
    coordinates: int = 0
    """How many coordinates, drawn by how much the objective depends on them, tell how the optimiser must change; 0 for all. Without the
    second order each contributes a term of its own to a sum, so that some of them estimate it."""
    curriculum: int = 0
    """Epochs over which the number of steps grows from one unroll to all in equal parts; 0 for all of them from the first epoch on."""
    clip: float = 1.0
    """Largest norm of the gradient; 0 for no limit."""
    race_seeds: int = 20
    """Sets of test problems of the races at the end, which take minutes; 0 for no race."""

    def __post_init__(self) -> None:
        check_range("--task.unroll", self.unroll, least=1)
        check_range("--task.coordinates", self.coordinates, least=0)
        check_range("--task.curriculum", self.curriculum, least=0)
        check_range("--task.clip", self.clip, least=0)
        check_range("--task.race-seeds", self.race_seeds, least=0)
        if self.race_seeds == 1:
            raise ZooError("--task.race-seeds 1: one seed has no interval; give 0 for no race, or 2 or more")
        if self.second_order and self.coordinates:
            raise ZooError("--task.coordinates: no coordinate adds a term of its own to the second order; give 0 with --task.second-order")
