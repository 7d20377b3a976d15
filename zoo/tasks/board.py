"""What TensorBoard shows of a classifier, beside the scalars that the task logs."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from zoo.figures.classification import confusion_matrix, first_filters
from zoo.functions import native
from zoo.layers.mode import evaluating
from zoo.tasks.classification import Classification
from zoo.tasks.epoch_mean import AveragesLoss


class ClassificationBoard(Callback):
    """Model graph, training loss, gradient norm, first-layer filters, weight histograms and the validation confusion matrix.

    Args:
        every: Epochs between pictures and histograms; the last epoch always has them. Losses and gradient norms are written
            every ``trainer.log_every_n_steps`` steps, here and not by Lightning, because it writes them after the
            callbacks of a step or an epoch: too late for what is saved there.
    """

    def __init__(self, *, every: int = 5) -> None:
        self.every = every

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if writer := board_writer(trainer):
            x, _ = next(iter(trainer.datamodule.val_dataloader() or trainer.datamodule.train_dataloader()))  # type: ignore[attr-defined]
            model = _model(pl_module)
            with evaluating(model), native(), torch.no_grad():
                writer.add_graph(model, x[:1])

    def on_before_optimizer_step(self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: torch.optim.Optimizer) -> None:
        if is_due(trainer, trainer.global_step + 1) and (writer := board_writer(trainer)):
            gradient = [parameter.grad for parameter in pl_module.parameters() if parameter.grad is not None]
            writer.add_scalar("train/gradient_norm", torch.nn.utils.get_total_norm(gradient), trainer.global_step)

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *args: Any) -> None:
        if is_due(trainer, trainer.global_step):
            loss = trainer.strategy.reduce(outputs["loss"].detach(), reduce_op="mean")
            if writer := board_writer(trainer):
                writer.add_scalar("train/loss_step", loss, trainer.global_step - 1)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        writer, step = board_writer(trainer), trainer.global_step - 1  # the epoch's last, as Lightning counts
        if isinstance(pl_module, AveragesLoss):
            loss = pl_module.epoch_loss.compute()
            if writer:
                writer.add_scalar("train/loss_epoch", loss, step)
        last = trainer.should_stop or trainer.current_epoch + 1 == trainer.max_epochs
        if writer is None or not (last or trainer.current_epoch % self.every == 0):
            return
        for name, parameter in _model(pl_module).named_parameters():
            writer.add_histogram(f"weights/{name}", parameter.detach(), step)
        filters = first_filters(_model(pl_module))
        if filters:
            writer.add_figure("filters/first_layer", filters, step)
        if isinstance(pl_module, Classification) and pl_module.confusion.update_called:
            count = pl_module.confusion.confmat.cpu()
            writer.add_figure("val/confusion", confusion_matrix(count, pl_module.labels), step)


def _model(task: pl.LightningModule) -> nn.Module:
    """The bare model inside a task."""
    return task.get_submodule("model")


def log_step(task: pl.LightningModule, figures: Mapping[str, Tensor], *, done: int) -> None:
    """Show a training step's figures beside the progress bar, and if it ``is_due`` in TensorBoard.

    They are written here and not by Lightning, which does it after the callbacks of a step: too late for what is saved there.

    Args:
        task: In training.
        figures: Numbers by name, which ``train/`` will precede.
        done: Steps that are done, this one among them.
    """
    named = {f"train/{name}": value.detach() for name, value in figures.items()}
    task.log_dict(named, prog_bar=True, logger=False)
    if is_due(task.trainer, done) and (writer := board_writer(task.trainer)):
        for name, value in named.items():
            writer.add_scalar(name, value, done - 1)


def is_due(trainer: pl.Trainer, done: int) -> bool:
    """Whether TensorBoard shows a step: every so many and an epoch's last."""
    every: int = trainer.log_every_n_steps  # type: ignore[attr-defined]
    return done % every == 0 or trainer.is_last_batch


def training_data(trainer: pl.Trainer) -> Iterable[Any]:
    """The training batches, to look at: the run's place in them, from which a resumed one goes on, stays where it is."""
    return copy(trainer.train_dataloader) or ()


def board_writer(trainer: pl.Trainer) -> SummaryWriter | None:
    """The TensorBoard writer of a run; None where nothing is logged, or on any device but the first."""
    loggers: Sequence[pl.loggers.Logger] = trainer.loggers
    for logger in loggers:
        if isinstance(logger, pl.loggers.TensorBoardLogger) and trainer.is_global_zero:
            return logger.experiment
    return None
