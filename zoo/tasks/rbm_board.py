"""What TensorBoard shows of pre-training, beside the scalars that the task logs."""

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from torch import Tensor

from zoo.figures.rbm import fantasies, receptive_fields, reconstructions, side_of
from zoo.tasks.board import board_writer
from zoo.tasks.rbm_pretraining import RBMPretraining

_PICTURES = 30


class RBMBoard(Callback):
    """Histograms of weights and hidden activities; filters, reconstructions and fantasies where the data are pictures.

    Args:
        every: Epochs between them; the last epoch always has them.
        steps: Gibbs steps of the fantasies.
    """

    def __init__(self, *, every: int = 5, steps: int = 200) -> None:
        self.every, self.steps = every, steps

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        writer = board_writer(trainer)
        last = trainer.should_stop or trainer.current_epoch + 1 == trainer.max_epochs
        if writer is None or not (last or trainer.current_epoch % self.every == 0):
            return
        assert isinstance(pl_module, RBMPretraining)
        step, level, x = trainer.global_step, pl_module.level + 1, _some_data(trainer)
        for name, parameter in pl_module.machine.named_parameters():
            writer.add_histogram(f"machine_{level}/{name}", parameter.detach(), step)
        activity = pl_module.machine.hidden_probability(pl_module.below(x)).detach()
        writer.add_histogram(f"machine_{level}/hidden_probability", activity, step)
        writer.add_histogram(f"machine_{level}/mean_hidden_activity", activity.mean(0), step)
        first = pl_module.machines[0]
        if first.gaussian or side_of(x.shape[1]) is None:
            return
        if level == 1:
            writer.add_figure("filters/first_machine", receptive_fields(first.weight), step)
        shown = x[:_PICTURES]
        writer.add_figure("reconstructions", reconstructions(shown, pl_module.stack(shown).detach()), step)
        # A generator of its own: looking changes nothing of the training.
        generator = torch.Generator(x.device).manual_seed(pl_module.seed)
        writer.add_figure("fantasies", fantasies(pl_module.stack.sample(_PICTURES, steps=self.steps, generator=generator)), step)


def _some_data(trainer: pl.Trainer) -> Tensor:
    """A batch of validation data, or of training data where there is none."""
    loader = trainer.val_dataloaders or trainer.train_dataloader
    assert loader is not None, "training has data"
    x, _ = next(iter(loader))
    return x.flatten(1)
