"""The slides' stopping criteria as callbacks (D3:300-306); the third is Lightning's ``EarlyStopping``."""

from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, EarlyStopping
from pytorch_lightning.utilities import rank_zero_only
from torch import Tensor

from zoo.tasks.board import board_writer
from zoo.tasks.epoch_mean import AveragesLoss
from zoo.tasks.options import StoppingOptions


class GradientNormStopping(Callback):
    """Stops when the Euclidean norm of the gradient, averaged over an epoch's steps, is below ``threshold``."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self._sum: list[Tensor] = []

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._sum = [torch.zeros_like(parameter) for parameter in pl_module.parameters() if parameter.requires_grad]

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._sum = [total.to(pl_module.device) for total in self._sum]  # those of a resumed epoch

    def on_before_optimizer_step(self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: torch.optim.Optimizer) -> None:
        trainable = [parameter for parameter in pl_module.parameters() if parameter.requires_grad]
        for total, parameter in zip(self._sum, trainable, strict=True):
            if parameter.grad is not None:
                total.add_(parameter.grad)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        mean = [total / trainer.num_training_batches for total in self._sum]
        norm = float(torch.nn.utils.get_total_norm(mean))
        pl_module.log("train/epoch_gradient_norm", norm, sync_dist=True, logger=False)
        if writer := board_writer(trainer):  # at once: what Lightning writes comes after the epoch is saved
            writer.add_scalar("train/epoch_gradient_norm", norm, trainer.global_step - 1)
        if norm < self.threshold:
            trainer.should_stop = True
            _say(f"stopped: the gradient norm {norm:.3g} is below {self.threshold:g}")

    def state_dict(self) -> dict[str, list[Tensor]]:
        return {"sum": self._sum}

    def load_state_dict(self, state_dict: dict[str, list[Tensor]]) -> None:
        self._sum = state_dict["sum"]


class ErrorChangeStopping(Callback):
    """Stops when an epoch's training loss differs from the last one's by less than ``threshold`` of it."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self._last: float | None = None

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        assert isinstance(pl_module, AveragesLoss)
        loss = pl_module.epoch_loss.compute()
        last, self._last = self._last, loss
        if last is not None and abs(loss - last) < self.threshold * abs(last):
            trainer.should_stop = True
            _say(f"stopped: the loss changed from {last:.4g} to {loss:.4g}, less than {self.threshold:g} of it")

    def state_dict(self) -> dict[str, float | None]:
        return {"last": self._last}

    def load_state_dict(self, state_dict: dict[str, float | None]) -> None:
        self._last = state_dict["last"]


class StepLimit(Callback):
    """Stops after ``steps`` steps, as if the epoch ended there."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        trainer.should_stop |= trainer.global_step >= self.steps


@rank_zero_only
def _say(message: str) -> None:
    print(f"\n{message}", flush=True)


def stopping_callbacks(options: StoppingOptions) -> list[Callback]:
    """The criteria that are turned on."""
    callbacks: list[Callback] = []
    if options.gradient_norm:
        callbacks.append(GradientNormStopping(options.gradient_norm))
    if options.error_change:
        callbacks.append(ErrorChangeStopping(options.error_change))
    if options.patience:
        callbacks.append(EarlyStopping("val/loss", patience=options.patience))
    return callbacks
