"""Learning which things of two domains belong together, from all pairs of a batch.

Sizes in shapes: B batch, X and Y features of the domains.
"""

from typing import Any

import pytorch_lightning as pl
from jaxtyping import Bool, Float
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.hinge import hinge
from zoo.layers.similarity import PairMeasure
from zoo.metrics.verification import retrieve
from zoo.models.generalized_similarity import GeneralizedSimilarityNet
from zoo.tasks.board import log_step
from zoo.tasks.optimizers import build_optimizer, build_schedule
from zoo.tasks.similarity_options import SimilarityOptions


class SimilarityTraining(pl.LightningModule):
    """Asks for distances of at most -1 where the classes are equal and at least 1 where they are not, by the hinge loss.

    A batch of B things of each domain makes B x B pairs. Of validation, the loss and the share of queries whose nearest thing
    of the other domain is of another class are logged.

    Args:
        model: The branches and the measure.
        options: How they learn.
    """

    def __init__(self, model: GeneralizedSimilarityNet, options: SimilarityOptions) -> None:
        super().__init__()
        self.model, self.options = model, options

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], index: int) -> Float[Tensor, ""]:
        x, y, label = batch
        distance = self._table(self.model.x_branch(x), self.model.y_branch(y))
        loss = pair_loss(distance, label[:, None] == label)
        log_step(self, {"loss": loss}, done=self.global_step + 1)
        return loss

    def _table(self, x: Float[Tensor, "B X"], y: Float[Tensor, "B Y"]) -> Float[Tensor, "B B"]:
        measure: PairMeasure = self.model.measure
        return measure.table(x, y) if self.options.gradient == "sample" else table_by_pairs(measure, x, y)

    def validation_step(self, batch: tuple[Tensor, Tensor, Tensor, Tensor], index: int) -> None:
        x, y, query, gallery = batch
        distance = self.model.table(x, y)
        self.log("val/loss", pair_loss(distance, query[:, None] == gallery), batch_size=len(x), sync_dist=True)
        error = 1 - retrieve([distance], query, gallery).recall_at(1)
        self.log("val/error", error, prog_bar=True, batch_size=len(x), sync_dist=True)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer = build_optimizer(self.model.parameters(), self.options.optimizer)
        steps: Any = self.trainer.estimated_stepping_batches
        schedule = build_schedule(optimizer, self.options.optimizer, steps=int(steps))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def table_by_pairs(measure: PairMeasure, x: Float[Tensor, "B X"], y: Float[Tensor, "D Y"]) -> Float[Tensor, "B D"]:
    """Every distance from a pair of its own: the paper's pair-based form, for comparison."""
    return measure(x.repeat_interleave(len(y), 0), y.repeat(len(x), 1)).view(len(x), len(y))


def pair_loss(distance: Float[Tensor, "B D"], same: Bool[Tensor, "B D"]) -> Float[Tensor, ""]:
    """Mean hinge loss of the pairs that belong together, plus that of the others.

    The paper sums over the pairs that it drew; all pairs of a batch hold many more of the one kind than of the other. Where chance made
    a batch of one class, its pairs are the whole loss.

    Raises:
        ZooError: No pair belongs together.
    """
    if not same.any():
        raise ZooError(f"a batch of {distance.numel()} pairs has none that belong together; take more things")
    loss = hinge(distance, 1 - 2 * same.to(distance.dtype))
    return loss[same].mean() if same.all() else loss[same].mean() + loss[~same].mean()
