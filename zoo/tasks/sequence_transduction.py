"""Learning to answer a sequence with a sequence of bits.

Sizes in shapes: B batch, T steps, I inputs, O outputs.
"""

from typing import Any, cast

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from jaxtyping import Float
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from zoo.metrics.transduction import TransductionScore, join, score_batch
from zoo.tasks.board import log_step
from zoo.tasks.optimizers import build_optimizer, build_schedule
from zoo.tasks.transduction_options import TransductionOptions

Batch = tuple[Tensor, Tensor, Tensor]


class SequenceTransduction(pl.LightningModule):
    """Cross-entropy of the bits that are asked, its mean over them.

    The task counts as solved at the first validation without a wrong bit and with less than one bit of cross-entropy a sequence;
    what validations in the ``RELAPSE_SPAN`` sequences after that get wrong at worst is its relapse.

    Args:
        model: From inputs to logits, batch first.
        options: Optimiser, clipping, when to stop.
    """

    model: nn.Module

    def __init__(self, model: nn.Module, options: TransductionOptions) -> None:
        super().__init__()
        self.model, self.options = model, options
        self.sequences = 0
        """Sequences that were trained on."""
        self.solved_at: int | None = None
        """How many they were when the task was solved."""
        self.relapse = 0.0
        """Wrong bits a sequence in the worst validation since then, over the next ``RELAPSE_SPAN`` sequences."""
        self.curve: list[tuple[int, float, float]] = []
        """Sequences, validation bits and wrong bits a sequence, one entry a validation."""
        self._scores: list[TransductionScore] = []

    def forward(self, x: Float[Tensor, "B T I"]) -> Float[Tensor, "B T O"]:
        return self.model(x)

    def training_step(self, batch: Batch, index: int) -> Float[Tensor, ""]:
        x, target, asked = batch
        loss = F.binary_cross_entropy_with_logits(self.model(x)[:, asked], target[:, asked])
        self.sequences += len(x)
        log_step(self, {"loss": loss}, done=self.global_step + 1)
        return loss

    def configure_gradient_clipping(self, optimizer: Any, *args: Any, **kwargs: Any) -> None:
        largest = self.options.clip if self.solved_at is None else self.options.calm_clip
        if largest:
            torch.nn.utils.clip_grad_norm_(self.parameters(), largest)
        if self.options.clip_value:
            torch.nn.utils.clip_grad_value_(self.parameters(), self.options.clip_value)

    def on_validation_epoch_start(self) -> None:
        self._scores = []

    def validation_step(self, batch: Batch, index: int) -> None:
        x, target, asked = batch
        self._scores.append(score_batch(self.model(x), target, asked))

    def on_validation_epoch_end(self) -> None:
        figures = join(self._scores).figures("val")
        bits, wrong = figures["val/bits"], figures["val/wrong_bits"]
        self.log_dict(figures, prog_bar=True)
        self.curve.append((self.sequences, bits, wrong))
        if self.solved_at is None and wrong == 0 and bits < 1:
            self.solved_at = self.sequences
            self._calm_down()
        elif self.solved_at is not None and self.sequences <= self.solved_at + RELAPSE_SPAN:
            self.relapse = max(self.relapse, wrong)
        if self.solved_at is not None and 0 <= self.options.stop_after <= self.sequences - self.solved_at:
            self.trainer.should_stop = True

    def _calm_down(self) -> None:
        """Shorter steps from now on; both changes are saved with the optimiser's and the schedule's states."""
        schedule = cast(LambdaLR, self.lr_schedulers())
        schedule.base_lrs = [self.options.calm * rate for rate in schedule.base_lrs]
        for group in schedule.optimizer.param_groups:
            if "betas" in group:
                group["betas"] = (group["betas"][0], self.options.calm_beta2)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer = build_optimizer(self.model.parameters(), self.options.optimizer)
        schedule = build_schedule(optimizer, self.options.optimizer, steps=int(self.trainer.estimated_stepping_batches))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["transduction"] = {name: getattr(self, name) for name in ("sequences", "solved_at", "relapse", "curve")}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        for name, value in checkpoint["transduction"].items():
            setattr(self, name, value)


RELAPSE_SPAN = 10_000
"""For how many sequences after it was solved a task is watched for relapses."""
