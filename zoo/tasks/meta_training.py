"""Learning to learn by gradient descent by gradient descent.

Sizes in shapes: P problems, D parameters of each, K steps of an unroll, K1 = K + 1 places.
"""

from typing import Any, cast

import pytorch_lightning as pl
import torch
from jaxtyping import Float, Int
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor

from zoo.models.l2l import CoordinatewiseLSTM
from zoo.optim.problems import Family, Problems
from zoo.optim.roll_out import RolloutState, Slope, Trajectory, loss_on_all_data, roll_out, slope_of
from zoo.tasks.board import log_step
from zoo.tasks.meta_options import MetaOptions
from zoo.tasks.optimizers import build_optimizer, build_schedule

_LEAST_LOSS = 1e-12  # what counts as none, for logarithms


class MetaTraining(pl.LightningModule):
    """Trains an optimiser on the losses that it meets, by back-propagation through some steps at a time.

    A batch is a set of problems; the optimiser takes all its steps on them, and is changed after each ``unroll``.

    Args:
        model: The optimiser.
        options: How it learns.
        train: What training problems have in common.
        validation: Likewise of validation problems.
        length: Steps that the optimiser takes on each problem.

    References:
        Andrychowicz et al. 2016, section 2; slides D0:1387-1415 with erratum E50.
    """

    def __init__(self, model: CoordinatewiseLSTM, options: MetaOptions, *, train: Family, validation: Family, length: int) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model, self.options = model, options
        self.train_family, self.validation_family, self.length = train, validation, length

    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer = build_optimizer(self.model.parameters(), self.options.optimizer)
        # The rate falls once a batch, which the trainer counts as several steps.
        schedule = build_schedule(optimizer, self.options.optimizer, steps=int(self.trainer.estimated_stepping_batches))
        return [optimizer], [schedule]

    def training_step(self, batch: Problems, index: int) -> dict[str, Tensor]:
        optimizer = cast(Any, self.optimizers())
        slope, reached = slope_of(self.train_family, batch), RolloutState(batch.start)
        for steps in self._unrolls():
            objective, trajectory, reached = self.unroll(slope, reached, steps)
            optimizer.zero_grad()
            self.manual_backward(objective)
            if self.options.clip:
                torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.options.clip)
            optimizer.step()
        cast(Any, self.lr_schedulers()).step()
        loss = trajectory.loss[-1].detach().mean()
        log_step(self, {"loss": loss}, done=self.global_step)
        return {"loss": loss}

    def validation_step(self, batch: Problems, index: int) -> None:
        slope = slope_of(self.validation_family, batch)
        _, reached = roll_out(self.model, slope, RolloutState(batch.start), steps=self.length)
        loss = loss_on_all_data(self.validation_family, batch, reached.theta)
        logarithm = loss.clamp(min=_LEAST_LOSS).log().mean()
        self.log_dict({"val/loss": loss.mean(), "val/log_loss": logarithm}, prog_bar=True, batch_size=len(loss))

    def _unrolls(self) -> list[int]:
        """How many steps each unroll of this epoch takes: all of one length but perhaps the last."""
        unroll, length = self.options.unroll, self.length
        if self.options.curriculum:
            first = min(unroll, length)
            length = first + round(min(1.0, self.current_epoch / self.options.curriculum) * (length - first))
        return [min(unroll, length - first) for first in range(0, length, unroll)]

    def unroll(self, slope: Slope, reached: RolloutState, steps: int) -> tuple[Float[Tensor, ""], Trajectory, RolloutState]:
        """Some steps: a number whose gradient is that of the objective, what was met, and where that led."""
        if self.options.second_order:
            trajectory, after = roll_out(self.model, slope, reached, steps=steps)
            return self._objective(trajectory.loss).mean(), trajectory, after.detached()
        with torch.no_grad():
            trajectory, after = roll_out(self.model, slope, reached, steps=steps)
        return self._first_order(trajectory, reached), trajectory, after

    def _objective(self, loss: Float[Tensor, "K1 P"]) -> Float[Tensor, "K1 P"]:
        return loss.clamp(min=_LEAST_LOSS).log() if self.options.objective == "log-loss" else loss

    def _first_order(self, trajectory: Trajectory, reached: RolloutState) -> Float[Tensor, ""]:
        """The sum over coordinates and steps of a change times the objective's slope at all places after it.

        Where no derivative goes through the gradients, they are given numbers, and so are the network's inputs: its changes to a
        coordinate depend on nothing else, and all steps of a layer can be computed in one call.
        """
        slope = trajectory.gradient
        if self.options.objective == "log-loss":
            slope = slope / trajectory.loss[..., None].clamp(min=_LEAST_LOSS)
        after = slope[1:].flip(0).cumsum(0).flip(0).flatten(1)
        seen, state = trajectory.gradient[:-1].flatten(1), reached.state
        if 0 < self.options.coordinates < after.shape[1]:
            index, weight = sampled(after.abs().sum(0), self.options.coordinates)
            after, seen = after[:, index] * weight, seen[:, index]
            state = None if state is None else (state[0][:, index], state[1][:, index])
        change, _ = self.model.advance(seen, state)
        return (after * change).sum() / trajectory.loss.numel()


def sampled(size: Float[Tensor, " C"], count: int) -> tuple[Int[Tensor, " N"], Float[Tensor, " N"]]:
    """Which terms to take for a sum of all, and how often each of them is to count so that the sum stays the same on average.

    Args:
        size: How large each term may be; it is drawn in proportion, which makes the sum vary least.
        count: Terms to draw, with replacement.
    """
    total = size.sum()
    if not 0 < total < torch.inf:  # nothing to choose by: the sum is none, or no number
        return torch.arange(count, device=size.device), total.expand(count)
    probability = size / total
    index = torch.multinomial(probability, count, replacement=True)
    return index, 1 / (count * probability[index])
