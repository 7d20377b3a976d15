"""Classification with cross-entropy and center loss: two losses, two optimisers.

Sizes in shapes: B batch, F features.
"""

from typing import Any, Protocol, cast

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn

from zoo.functions.cross_entropy import cross_entropy
from zoo.layers.center_loss import CenterLoss
from zoo.metrics.clusters import class_distances
from zoo.tasks.board import log_step
from zoo.tasks.center_loss_options import CenterLossOptions
from zoo.tasks.optimizers import build_optimizer, build_schedule

Batch = tuple[Tensor, Tensor]


class Embedder(Protocol):
    """A classifier whose features are asked for by name, and whose head makes scores of them."""

    num_features: int
    head: nn.Module

    def embed(self, x: Tensor) -> Float[Tensor, "B F"]:
        """The features of a batch."""


class CenterLossTraining(pl.LightningModule):
    """Trains ``model`` to tell classes apart by features that lie close to the center of their class.

    Logs both losses, and of validation the error and the mean distances within and between classes.

    Args:
        model: An ``Embedder``.
        options: How it learns.
        num_classes: Number of classes.
    """

    def __init__(self, model: nn.Module, options: CenterLossOptions, *, num_classes: int) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model, self.options = model, options
        self.embedder = cast(Embedder, model)
        self.center_loss = CenterLoss(num_classes, self.embedder.num_features, update=options.update)
        self.seen: list[tuple[Tensor, ...]] = []

    def configure_optimizers(self) -> OptimizerLRScheduler:
        network = build_optimizer(self.model.parameters(), self.options.optimizer)
        schedule = build_schedule(network, self.options.optimizer, steps=int(self.trainer.estimated_stepping_batches))
        centers = torch.optim.SGD([self.center_loss.center], lr=self.options.center_rate)
        return [network, centers], [schedule]

    def training_step(self, batch: Batch, index: int) -> dict[str, Tensor]:
        x, label = batch
        network, _ = cast(list[Any], self.optimizers())
        # The bare optimiser: Lightning would count its step as one more, and in float16 divide by the scale of the loss.
        _, centers = cast(list[torch.optim.Optimizer], self.optimizers(use_pl_optimizer=False))
        feature = self.embedder.embed(x)
        distance = self.center_loss(feature, label)  # first: it tells which label has no class
        classification = cross_entropy(self.embedder.head(feature), label)
        loss = classification + self.options.weight * distance
        network.zero_grad()
        self.manual_backward(loss)
        network.step()
        cast(Any, self.lr_schedulers()).step()
        self.center_loss.direct(feature.detach(), label)
        centers.step()
        log_step(self, {"loss": loss, "cross_entropy": classification, "center_loss": distance}, done=self.global_step)
        return {"loss": loss.detach()}

    def on_validation_epoch_start(self) -> None:
        self.seen = []

    def validation_step(self, batch: Batch, index: int) -> None:
        x, label = batch
        feature = self.embedder.embed(x)
        self.seen.append((feature.float(), self.embedder.head(feature).float(), label))  # distances need more than half precision

    def on_validation_epoch_end(self) -> None:
        feature, score, label = (torch.cat(each) for each in zip(*self.seen, strict=True))
        loss = cross_entropy(score, label) + self.options.weight * self.center_loss(feature, label)
        within, between = class_distances(feature, label)
        figures = {"loss": loss, "error": (score.argmax(1) != label).float().mean(), "within": within, "between": between}
        self.log_dict({f"val/{name}": figure for name, figure in figures.items()}, sync_dist=True)
        self.log("val/within_over_between", within / between, prog_bar=True, sync_dist=True)
