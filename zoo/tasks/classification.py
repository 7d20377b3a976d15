"""Supervised classification with one loss and one optimiser.

Sizes in shapes: B batch, C classes.
"""

from typing import Any

import pytorch_lightning as pl
from jaxtyping import Float
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torchmetrics.classification import MulticlassConfusionMatrix

from zoo.functions.losses import LOSSES
from zoo.models.contract import Constrained
from zoo.tasks.epoch_mean import EpochMean
from zoo.tasks.optimizers import build_optimizer, build_schedule
from zoo.tasks.options import ClassificationOptions


class Classification(pl.LightningModule):
    """Trains ``model`` to tell classes apart; logs loss and error of validation; that of training is in ``epoch_loss``.

    A model with a method ``constrain`` (max-norm) has it called after every optimiser step. Parts of which no weight is
    trained stay in evaluation mode, or else running figures of a batch norm would move on, and dropout would hide features.

    Args:
        model: Takes a batch of inputs to scores, the highest for the likeliest class.
        options: Loss, optimiser and stopping criteria.
        labels: Names of the classes.
    """

    model: nn.Module

    def __init__(self, model: nn.Module, options: ClassificationOptions, *, labels: list[str]) -> None:
        super().__init__()
        self.model, self.options, self.labels = model, options, labels
        self.loss = LOSSES[options.loss]
        self.epoch_loss = EpochMean()
        self.confusion = MulticlassConfusionMatrix(len(labels))
        self._frozen = [part for part in model.modules() if _is_frozen(part)]  # a list, so that they are parts of the model alone

    def forward(self, x: Float[Tensor, "B *shape"]) -> Float[Tensor, "B C"]:
        return self.model(x)

    def on_train_epoch_start(self) -> None:
        self.epoch_loss.reset(self.device)

    def on_train_batch_start(self, *args: Any) -> None:
        for part in self._frozen:  # whoever looked at the model meanwhile has put all of it back in training mode
            part.eval()

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Float[Tensor, ""]:
        x, label = batch
        loss = self.loss(self.model(x), label)
        self.epoch_loss.update(loss, weight=len(label))
        self.log("train/loss", loss.detach(), prog_bar=True, logger=False)
        return loss

    def on_validation_epoch_start(self) -> None:
        self.confusion.reset()

    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        x, label = batch
        score = self.model(x)
        self.confusion.update(score, label)
        self.log("val/loss", self.loss(score, label), batch_size=len(label), sync_dist=True)

    def on_validation_epoch_end(self) -> None:
        count = self.confusion.compute()  # over all devices
        self.log("val/error", 1 - count.diagonal().sum() / count.sum(), prog_bar=True, sync_dist=True)

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        super().optimizer_step(*args, **kwargs)
        if isinstance(self.model, Constrained):
            self.model.constrain()

    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer = build_optimizer(self.model.parameters(), self.options.optimizer)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = build_schedule(optimizer, self.options.optimizer, steps=steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def _is_frozen(part: nn.Module) -> bool:
    weights = list(part.parameters())
    return bool(weights) and not any(weight.requires_grad for weight in weights)
