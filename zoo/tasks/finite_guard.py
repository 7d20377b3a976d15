"""No optimiser step on numbers that are none."""

from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from pytorch_lightning.plugins.precision import MixedPrecision
from torch import Tensor

from zoo.errors import RunError


class FiniteGuard(Callback):
    """Ends the training before a step whose input, loss or gradient is infinite or not a number.

    Raises:
        RunError: Names the quantity, the step and the batch. What was saved before is as it was.
    """

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int) -> None:
        self._input, self._batch = batch[0], batch_idx
        self._loss = torch.zeros(())  # contrastive divergence has gradients and no loss

    def on_before_backward(self, trainer: pl.Trainer, pl_module: pl.LightningModule, loss: Tensor) -> None:
        self._loss = loss.detach()

    def on_before_optimizer_step(self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: torch.optim.Optimizer) -> None:
        # A sum is finite only if all its terms are: one number a quantity, and one look at all of them.
        quantity = {"the input": self._input.sum().float(), "the loss": self._loss.to(self._input.device).float()}
        if not _scales(trainer):
            gradient = [parameter.grad for parameter in pl_module.parameters() if parameter.grad is not None]
            quantity["the gradient"] = torch.nn.utils.get_total_norm(gradient).float()
        values = torch.stack(list(quantity.values())).tolist()
        for name, value in zip(quantity, values, strict=True):
            if value - value != 0:
                raise RunError(
                    f"{name} is {_strange(value)} in step {trainer.global_step + 1} "
                    f"(epoch {trainer.current_epoch + 1}, batch {self._batch + 1}); the step was not taken and nothing saved since"
                )

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        for name, value in trainer.callback_metrics.items():
            if name.startswith("val/") and not value.isfinite():
                raise RunError(f"{name} is {_strange(float(value))} after step {trainer.global_step}; the epoch was not saved")


def _strange(value: float) -> str:
    return "not a number" if value != value else "infinite"


def check_finite(trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
    """Refuse to save what a step has made infinite or not a number: weights, buffers and the optimisers' state.

    Raises:
        RunError: Names the tensor and the step.
    """
    tensors = dict(pl_module.state_dict())
    for optimizer in trainer.optimizers:
        states = enumerate(optimizer.state.values())
        tensors |= {f"optimiser's {name} {number}": value for number, state in states for name, value in state.items()}
    tensors = {name: value for name, value in tensors.items() if isinstance(value, Tensor) and value.is_floating_point()}
    for name, value in tensors.items():
        if not value.isfinite().all():
            raise RunError(f"the {name} is infinite or not a number after step {trainer.global_step}; it was not saved")


def _scales(trainer: pl.Trainer) -> bool:
    """Whether the loss is scaled for float16: then the scaler skips overflowing gradients, which are part of the method."""
    plugin = trainer.precision_plugin
    return isinstance(plugin, MixedPrecision) and plugin.scaler is not None
