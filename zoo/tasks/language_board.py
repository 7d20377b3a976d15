"""What TensorBoard shows of a language model, beside the scalars that the task logs."""

from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from torch.utils.tensorboard import SummaryWriter

from zoo.figures.language import gate_picture, unit_traces
from zoo.layers.lstm import LSTM
from zoo.models.char_lstm import IGNORED, CharLSTM
from zoo.models.char_sampling import Sampling, Stepper, write_all
from zoo.models.vocabulary import START, Vocabulary
from zoo.tasks.board import board_writer, is_due
from zoo.tasks.char_language_model import CharLanguageModel
from zoo.tasks.language_options import LanguageOptions

_WRITTEN = 1_000  # characters of a sample
_READ = 80  # characters that the gates are drawn for


class LanguageBoard(Callback):
    """Training loss, gradient norm, texts that the model writes as it learns, and what its gates and units do while it reads one.

    Args:
        vocabulary: The model's.
        options: How often it writes, and at which temperature.
    """

    def __init__(self, vocabulary: Vocabulary, options: LanguageOptions) -> None:
        self.vocabulary, self.options = vocabulary, options

    def on_before_optimizer_step(self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: torch.optim.Optimizer) -> None:
        if is_due(trainer, trainer.global_step + 1) and (writer := board_writer(trainer)):
            gradient = [parameter.grad for parameter in pl_module.parameters() if parameter.grad is not None]
            writer.add_scalar("train/gradient_norm", torch.nn.utils.get_total_norm(gradient), trainer.global_step)

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *args: Any) -> None:
        if not isinstance(pl_module, CharLanguageModel) or not (writer := board_writer(trainer)):
            return
        step = trainer.global_step
        if is_due(trainer, step):
            writer.add_scalar("train/loss_step", outputs["nats"], step - 1)
        if self.options.sample_every and (step % self.options.sample_every == 0 or step == trainer.estimated_stepping_batches):
            writer.add_text("sample", _as_block(self._sample(pl_module.model)), step - 1)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if isinstance(pl_module, CharLanguageModel) and (writer := board_writer(trainer)):
            step = trainer.global_step - 1  # the epoch's last, as Lightning counts
            writer.add_scalar("train/loss_epoch", pl_module.epoch_loss.compute(), step)
            for name, parameter in pl_module.model.named_parameters():
                writer.add_histogram(f"weights/{name}", parameter.detach(), step)
            self._show_reading(pl_module.model, next(iter(trainer.datamodule.val_dataloader())), writer, step)  # type: ignore[attr-defined]

    def _sample(self, model: CharLSTM) -> str:
        """A text for the first problem: always by the same chance, so that one sees it grow."""
        device = model.head.weight.device
        problem = None if model.problem is None else torch.zeros(1, dtype=torch.long, device=device)
        (code,) = write_all(
            Stepper(model, problem, count=1),
            torch.zeros(0, dtype=torch.long, device=device),
            count=1,
            most=_WRITTEN,
            sampling=Sampling(self.options.temperature),
            generator=torch.Generator(device).manual_seed(0),
        )
        return self.vocabulary.decode(code)

    def _show_reading(self, model: CharLSTM, window: Any, writer: SummaryWriter, step: int) -> None:
        if not isinstance(model.recurrent, LSTM):
            return
        code = window.source[-1:, window.target[-1] != IGNORED][:, :_READ]
        trace = model.trace(code, None if window.problem is None else window.problem[-1:])[-1]
        text = [self.vocabulary.symbols[each] if each != START else "" for each in code[0].tolist()]
        writer.add_figure("gates/last_layer", gate_picture(trace, text), step)
        writer.add_figure("units/last_layer", unit_traces(trace, text), step)


def _as_block(text: str) -> str:
    """A text as TensorBoard's Markdown shows it unchanged."""
    return "\n".join("    " + line for line in text.splitlines())
