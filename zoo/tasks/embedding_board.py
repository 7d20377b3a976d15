"""What TensorBoard shows of an embedding, beside the scalars that the task logs."""

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback

from zoo.figures.verification import Plane, plane_grid
from zoo.tasks.board import board_writer
from zoo.tasks.center_loss import CenterLossTraining


class EmbeddingBoard(Callback):
    """The features of validation: in the projector after the last epoch, and where there are two of them as a picture each epoch.

    Args:
        labels: Names of the classes.
    """

    def __init__(self, labels: list[str]) -> None:
        self.labels = labels

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        assert isinstance(pl_module, CenterLossTraining)
        writer = board_writer(trainer)
        if writer is None or not pl_module.seen:
            return
        feature = torch.cat([seen for seen, _, _ in pl_module.seen]).float().cpu()
        label = torch.cat([seen for _, _, seen in pl_module.seen]).cpu()
        step = trainer.global_step - 1
        if feature.shape[1] == 2:
            writer.add_figure("features/validation", plane_grid([Plane(feature, label)], self.labels), step)
        if trainer.should_stop or trainer.current_epoch + 1 == trainer.max_epochs:
            names = [self.labels[number] for number in label.tolist()]
            writer.add_embedding(feature, names, global_step=step, tag="features")
