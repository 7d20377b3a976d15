"""What a recipe says of training with center loss. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass, field
from typing import Literal

from zoo.errors import ZooError, check_range
from zoo.tasks.options import OptimizerOptions


@dataclass(frozen=True)
class CenterLossOptions:
    """How a classifier learns whose features gather around the centers of their classes."""

    weight: float = 0.1
    """Weight lambda of the center loss beside the cross-entropy, both means over the batch (erratum E8); 0 is softmax alone."""
    center_rate: float = 0.5
    """Share alpha of the way that the centers go in a step; no learning rate of the network (erratum E7)."""
    update: Literal["paper", "gradient"] = "paper"
    """paper: a class's summed distance over one more than its count. gradient: over the batch size."""
    optimizer: OptimizerOptions = field(default_factory=OptimizerOptions)

    def __post_init__(self) -> None:
        check_range("--task.weight", self.weight, least=0)
        check_range("--task.center-rate", self.center_rate, least=0)
        if self.update == "paper" and self.center_rate > 1:
            raise ZooError(f"--task.center-rate {self.center_rate}: the paper's update takes a share of the way, at most 1")
