"""Training a recurrent network to predict the next character.

Sizes in shapes: B texts side by side, T characters of a window, V symbols of the vocabulary.
"""

import math
from collections.abc import Iterable
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor

from zoo.functions.cross_entropy import cross_entropy
from zoo.models.char_lstm import IGNORED, CharLSTM, State, Window
from zoo.tasks.epoch_mean import EpochMean
from zoo.tasks.language_options import LanguageOptions
from zoo.tasks.optimizers import build_optimizer, build_schedule


class CharLanguageModel(pl.LightningModule):
    """Trains ``model`` on windows of texts, its state carried from one to the next, and cut off from the gradient.

    Logs nats a symbol: characters and end marks alike.

    Args:
        model: The network.
        options: Optimiser, clipping and what is shown.
    """

    model: CharLSTM

    def __init__(self, model: CharLSTM, options: LanguageOptions) -> None:
        super().__init__()
        self.model, self.options = model, options
        self.epoch_loss = EpochMean()
        self.state: State | None = None  # after the last training window
        self._validation = Nats(model)

    def on_train_epoch_start(self) -> None:
        self.epoch_loss.reset(self.device)

    def training_step(self, window: Window, index: int) -> dict[str, Tensor]:
        scores, state = self.model.read(window.source, window.problem, carried(self.state, window))
        self.state = tuple(each.detach() for each in state)
        there = window.target != IGNORED
        nats = cross_entropy(scores[there], window.target[there])
        self.epoch_loss.update(nats, weight=int(there.sum()))
        self.log("train/loss", nats.detach(), prog_bar=True, logger=False)
        return {"loss": nats * window.weight, "nats": nats.detach()}

    def configure_gradient_clipping(self, optimizer: Any, gradient_clip_val: Any = None, gradient_clip_algorithm: Any = None) -> None:
        if self.options.clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.options.clip)

    def on_validation_epoch_start(self) -> None:
        self._validation = Nats(self.model)

    def validation_step(self, window: Window, index: int) -> None:
        self._validation.update(window)

    def on_validation_epoch_end(self) -> None:
        nats = self._validation.mean
        self.log_dict({"val/loss": nats, "val/bits": nats / math.log(2), "val/perplexity": math.exp(nats)}, prog_bar=False)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["recurrent_state"] = self.state

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        state = checkpoint["recurrent_state"]
        self.state = None if state is None else tuple(each.to(self.device) for each in state)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer = build_optimizer(self.model.parameters(), self.options.optimizer)
        schedule = build_schedule(optimizer, self.options.optimizer, steps=int(self.trainer.estimated_stepping_batches))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class Nats:
    """Nats a symbol over windows that follow one another.

    Args:
        model: In eval mode.
    """

    def __init__(self, model: CharLSTM) -> None:
        self.model = model
        self._state: State | None = None
        self._sum, self._symbols = 0.0, 0

    @torch.no_grad()
    def update(self, window: Window) -> None:
        """Count the next window."""
        scores, self._state = self.model.read(window.source, window.problem, carried(self._state, window))
        there = window.target != IGNORED
        count = int(there.sum())
        self._sum += float(cross_entropy(scores[there], window.target[there])) * count
        self._symbols += count

    @property
    def mean(self) -> float:
        """Of all symbols so far."""
        return self._sum / self._symbols


def nats_a_symbol(model: CharLSTM, windows: Iterable[Window]) -> float:
    """The mean of ``-log p`` over all symbols, end marks included, of a model in eval mode."""
    nats = Nats(model)
    for window in windows:
        nats.update(window)
    return nats.mean


def carried(state: State | None, window: Window) -> State | None:
    """The state in which a window is read: none where its texts begin, else that of the texts which have not ended."""
    return None if window.begins or state is None else tuple(each[:, : len(window.source)] for each in state)
