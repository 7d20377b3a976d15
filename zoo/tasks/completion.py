"""Completing points by self-expression, one penalty of the path a step.

Sizes in shapes: N points, D dimensions.
"""

from collections.abc import Callable
from typing import cast

import pytorch_lightning as pl
import torch
from jaxtyping import Bool
from pytorch_lightning.core.optimizer import LightningOptimizer
from torch import Tensor, nn

from zoo.estimators.incomplete import Incomplete
from zoo.estimators.self_expression import alternate, objective, residual
from zoo.models.self_expression import SelfExpression
from zoo.tasks.board import board_writer


class Alternation(torch.optim.Optimizer):
    """Moves combinations and gaps in turn, each to where the objective is lower; it asks for no gradient.

    Args:
        point: The points of which some entries are sought.
        coefficient: Their combinations.
        missing: Which entries are.
    """

    def __init__(self, point: nn.Parameter, coefficient: nn.Parameter, missing: Bool[Tensor, "N D"]) -> None:
        super().__init__([point, coefficient], {"penalty": 0.0})
        self.missing = missing

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One alternation at the group's ``penalty``."""
        if closure is not None:
            closure()
        (group,) = self.param_groups
        point, coefficient = group["params"]
        new = alternate(point.detach(), coefficient.detach(), self.missing, penalty=group["penalty"])
        for parameter, value in zip((point, coefficient), new, strict=True):
            parameter.copy_(value)


class Completion(pl.LightningModule):
    """Begins with zeros in the gaps, as ``SelfExpressiveCompletion`` does, and comes to the very same.

    Logged: the objective, and the residual as a share of the points' norm.

    Args:
        model: What is kept.
        data: Points of unit scale with gaps.
    """

    missing: Tensor

    def __init__(self, model: SelfExpression, data: Incomplete) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model = model
        self.register_buffer("missing", ~data.observed)
        with torch.no_grad():
            model.point.copy_(data.points)
            model.coefficient.zero_()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return Alternation(self.model.point, self.model.coefficient, self.missing)

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        penalty = float(batch[0])
        optimizer = cast(LightningOptimizer, self.optimizers())
        optimizer.param_groups[0]["penalty"] = penalty
        optimizer.step()
        state = self.model.point.detach(), self.model.coefficient.detach()
        figures = {"train/objective": objective(*state, penalty=penalty), "train/residual": residual(*state)}
        self.log_dict(figures, prog_bar=True, logger=False)
        if writer := board_writer(self.trainer):  # each step: there are few, and each takes long
            for name, value in (figures | {"train/penalty": batch[0]}).items():
                writer.add_scalar(name, value, self.global_step - 1)
