"""What TensorBoard shows of a language model, beside the scalars that the task logs."""

from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback

from zoo.models.vocabulary import Vocabulary
from zoo.tasks.board import board_writer
from zoo.tasks.char_language_model import CharLanguageModel


class LanguageBoard(Callback):
    """Training loss, gradient norm.

    Args:
        vocabulary: The model's.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def on_before_optimizer_step(self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: torch.optim.Optimizer) -> None:
        if _is_due(trainer, trainer.global_step + 1) and (writer := board_writer(trainer)):
            gradient = [parameter.grad for parameter in pl_module.parameters() if parameter.grad is not None]
            writer.add_scalar("train/gradient_norm", torch.nn.utils.get_total_norm(gradient), trainer.global_step)

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *args: Any) -> None:
        if _is_due(trainer, trainer.global_step) and (writer := board_writer(trainer)):
            writer.add_scalar("train/loss_step", outputs["nats"], trainer.global_step - 1)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if isinstance(pl_module, CharLanguageModel) and (writer := board_writer(trainer)):
            writer.add_scalar("train/loss_epoch", pl_module.epoch_loss.compute(), trainer.global_step - 1)


def _is_due(trainer: pl.Trainer, step: int) -> bool:
    return step % trainer.log_every_n_steps == 0  # type: ignore[attr-defined]
