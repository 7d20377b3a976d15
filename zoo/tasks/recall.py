"""Training two networks to recall how a sequence began.

Sizes in shapes: B batch, T steps.
"""

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor

from zoo.functions.cross_entropy import cross_entropy
from zoo.models.recall import CELLS, Recall
from zoo.tasks.board import log_step
from zoo.tasks.epoch_mean import EpochMean
from zoo.tasks.language_options import RecallTaskOptions
from zoo.tasks.optimizers import build_optimizer, build_schedule


class RecallTask(pl.LightningModule):
    """Trains both at once; as neither's loss depends on the other's weights and each is clipped by itself, as if alone.

    Args:
        model: The networks.
        options: Optimiser and clipping.
    """

    model: Recall

    def __init__(self, model: Recall, options: RecallTaskOptions) -> None:
        super().__init__()
        self.model, self.options = model, options
        self.epoch_loss = EpochMean()

    def on_train_epoch_start(self) -> None:
        self.epoch_loss.reset(self.device)

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        symbol, key = batch
        plain, lstm = (cross_entropy(score, key) for score in self.model(symbol).unbind(1))
        self.epoch_loss.update(plain + lstm, weight=len(key))
        log_step(self, {"plain": plain, "lstm": lstm}, done=self.global_step + 1)
        return plain + lstm

    def configure_gradient_clipping(self, *args: object, **kwargs: object) -> None:
        for network in (self.model.plain, self.model.lstm):
            torch.nn.utils.clip_grad_norm_(network.parameters(), self.options.clip)

    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        symbol, key = batch
        right = (self.model(symbol).argmax(-1) == key[:, None]).float().mean(0)
        self.log_dict({f"val/{name}": share for name, share in zip(CELLS, right, strict=True)}, batch_size=len(key))

    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer = build_optimizer(self.model.parameters(), self.options.optimizer)
        schedule = build_schedule(optimizer, self.options.optimizer, steps=int(self.trainer.estimated_stepping_batches))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
