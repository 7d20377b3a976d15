"""What TensorBoard shows of pre-training, beside the scalars that the task logs."""

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from zoo.figures.rbm import fantasies, receptive_fields, reconstructions, side_of
from zoo.models.dbn import DBN
from zoo.tasks.board import board_writer, training_data
from zoo.tasks.greedy import Batch, GreedyPretraining
from zoo.tasks.rbm_pretraining import RBMPretraining

_PICTURES = 30


class RBMBoard(Callback):
    """Histograms of weights and hidden activities; filters, reconstructions and fantasies where the data are pictures.

    Args:
        every: Epochs between them; the last epoch of pre-training always has them.
        steps: Gibbs steps of the fantasies.
    """

    def __init__(self, *, every: int = 5, steps: int = 200) -> None:
        self.every, self.steps = every, steps

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        writer = board_writer(trainer)
        assert isinstance(pl_module, RBMPretraining)
        due = trainer.should_stop or pl_module.ends_pretraining or trainer.current_epoch % self.every == 0
        if writer and due and pl_module.greedy and pl_module.pretrains:
            _show_machine(writer, trainer.global_step, pl_module.greedy, _some_data(trainer))
            self._show_stack(writer, trainer.global_step, pl_module.greedy.trained, _some_data(trainer)[0], seed=pl_module.seed)

    def _show_stack(self, writer: SummaryWriter, step: int, stack: DBN, x: Tensor, *, seed: int) -> None:
        first = stack.machines[0]
        if first.gaussian or side_of(x.shape[1]) is None:
            return
        if len(stack.machines) == 1:
            writer.add_figure("filters/first_machine", receptive_fields(first.weight), step)
        shown = x[:_PICTURES]
        writer.add_figure("reconstructions", reconstructions(shown, stack.down(stack.up(shown)).detach()), step)
        # A generator of its own: looking changes nothing of the training.
        generator = torch.Generator(x.device).manual_seed(seed)
        writer.add_figure("fantasies", fantasies(stack.sample(_PICTURES, steps=self.steps, generator=generator)), step)


def _show_machine(writer: SummaryWriter, step: int, greedy: GreedyPretraining, batch: Batch) -> None:
    name = f"machine_{greedy.level + 1}"
    for parameter_name, parameter in greedy.machine.named_parameters():
        writer.add_histogram(f"{name}/{parameter_name}", parameter.detach(), step)
    activity = greedy.machine.hidden_probability(greedy.visible(batch)).detach()
    writer.add_histogram(f"{name}/hidden_probability", activity, step)
    writer.add_histogram(f"{name}/mean_hidden_activity", activity.mean(0), step)


def _some_data(trainer: pl.Trainer) -> Batch:
    """A batch of validation data, or of training data where there is none."""
    x, label = next(iter(trainer.val_dataloaders or training_data(trainer)))
    return x.flatten(1), label
