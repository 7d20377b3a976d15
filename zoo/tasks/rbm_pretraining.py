"""Training that begins with RBMs: one, a stack of them one after the other, and the network that a stack unfolds into.

Sizes in shapes: B batch, V visible units.
"""

from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.core.optimizer import LightningOptimizer
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from zoo.errors import ZooError
from zoo.models.contract import Constrained
from zoo.models.dbn import DBN
from zoo.models.rbm import RBM
from zoo.tasks.board import is_due, log_step, training_data
from zoo.tasks.fine_tuning import FineTuning
from zoo.tasks.greedy import Batch, GreedyPretraining
from zoo.tasks.optimizers import build_optimizer, build_schedule
from zoo.tasks.rbm_options import RBMOptions


class RBMPretraining(pl.LightningModule):
    """Trains a machine, or those of a stack in turn; then, where that is wanted, fine-tunes what the stack unfolds into.

    Logged of the machine in training: squared error of its noiseless reconstruction, summed over the units;
    pseudo-likelihood (binary units) in nats a case; how far the free energy of validation data lies above that of as
    much training data, which grows with over-fitting (Hinton 2010, section 6); mean activity of the hidden units. Logged of
    the network: the figures of its goal.

    Args:
        model: What the run is for: the machine, the stack, or the network.
        options: How each machine learns.
        top: How the top machine learns, where it does so in another way.
        seed: Of the chains.
        stack: The machines, where they are not the model.
        fine_tuning: What follows; None for nothing.
    """

    def __init__(
        self,
        model: nn.Module,
        options: RBMOptions,
        *,
        top: RBMOptions | None = None,
        seed: int = 0,
        stack: DBN | None = None,
        fine_tuning: FineTuning | None = None,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model, self.seed, self.fine_tuning = model, seed, fine_tuning
        self.options, self.top = options, top
        if stack is None:
            assert isinstance(model, RBM | DBN), "another network comes with its stack"
            stack = DBN([model]) if isinstance(model, RBM) else model
        self.stack = stack
        self._resumed: dict[str, Any] | None = None

    @property
    def pretrains(self) -> bool:
        """Whether this epoch is a machine's."""
        return self.current_epoch < self._pretraining_epochs

    @property
    def ends_pretraining(self) -> bool:
        """Whether this epoch is the last machine's last one."""
        return self.current_epoch + 1 == self._pretraining_epochs

    @property
    def _epochs(self) -> int:
        return self.trainer.max_epochs or 1

    @property
    def _pretraining_epochs(self) -> int:
        if self.fine_tuning is None:
            return self._epochs
        share = self.fine_tuning.pretraining
        return max(1, round(self._epochs * share)) if share else 0

    def configure_optimizers(self) -> tuple[list[torch.optim.Optimizer], list[LRScheduler]]:
        if self.fine_tuning and self._pretraining_epochs >= self._epochs:
            raise ZooError(f"{self._epochs} epochs leave none to fine-tune after pre-training; set --trainer.max-epochs")
        generator = torch.Generator(self.device).manual_seed(self.seed)
        self.greedy: GreedyPretraining | None = None
        if self._pretraining_epochs:
            epochs = self._pretraining_epochs
            self.greedy = GreedyPretraining(self.stack, self.options, epochs=epochs, generator=generator, top=self.top)
        optimizers = [self.greedy.build_optimizer()] if self.greedy else []
        if self.fine_tuning is None:
            return optimizers, []
        optimizer = build_optimizer(self.fine_tuning.network.parameters(), self.fine_tuning.optimizer)
        steps = int(self.trainer.estimated_stepping_batches) // self._epochs * (self._epochs - self._pretraining_epochs)
        return [*optimizers, optimizer], [build_schedule(optimizer, self.fine_tuning.optimizer, steps=steps)]

    def on_fit_start(self) -> None:
        if self.trainer.world_size > 1:
            raise ZooError(f"{self.trainer.world_size} devices: pre-training runs on one; set --trainer.devices 1")

    def on_train_start(self) -> None:
        for loader in (training_data(self.trainer), self.trainer.val_dataloaders):
            for x, _ in loader or ():
                self.stack.machines[0].check(x.flatten(1))
        if self._resumed and self.greedy:
            self.greedy.load_state_dict(self._resumed)

    def on_train_epoch_start(self) -> None:
        if self.greedy and self.pretrains:
            self.greedy.begin_epoch(self.current_epoch, training_data(self.trainer))
        elif self.fine_tuning and self.greedy and self.current_epoch == self._pretraining_epochs:
            self.fine_tuning.unfold()

    def training_step(self, batch: Batch, index: int) -> None:
        *first, last = self._optimizers()
        if self.pretrains:
            self._pretrain(batch, index, optimizer=first[0] if first else last)
        else:
            self._fine_tune(batch, optimizer=last)

    def _optimizers(self) -> list[LightningOptimizer]:
        found = self.optimizers()
        return found if isinstance(found, list) else [found]  # type: ignore[list-item]

    def _pretrain(self, batch: Batch, index: int, *, optimizer: LightningOptimizer) -> None:
        greedy = self._greedy
        visible = greedy.visible(batch)
        epoch = self.current_epoch + index / self.trainer.num_training_batches
        greedy.step(visible, optimizer.optimizer, epoch=epoch, number=self.global_step + 1)
        optimizer.step()
        if is_due(self.trainer, self.global_step):  # to log each step would cost more than some steps do
            figures = greedy.figures(visible) | {"largest_weight": torch.tensor(greedy.largest_weight())}
            log_step(self, figures, done=self.global_step)

    def _fine_tune(self, batch: Batch, *, optimizer: LightningOptimizer) -> None:
        tuning = self._tuning
        figures = tuning.goal(tuning.network(batch[0]), *batch)
        optimizer.zero_grad()
        self.manual_backward(figures["loss"])
        optimizer.step()
        if isinstance(tuning.network, Constrained):
            tuning.network.constrain()
        self.lr_schedulers().step()  # type: ignore[union-attr, call-arg]
        log_step(self, figures, done=self.global_step)

    @property
    def _greedy(self) -> GreedyPretraining:
        assert self.greedy is not None, "there are epochs of pre-training"
        return self.greedy

    @property
    def _tuning(self) -> FineTuning:
        assert self.fine_tuning is not None, "there are epochs after pre-training"
        return self.fine_tuning

    def on_validation_epoch_start(self) -> None:
        self._free_energies: list[Tensor] = []

    def validation_step(self, batch: Batch, index: int) -> None:
        if self.pretrains:
            visible = self._greedy.visible(batch)
            self._free_energies.append(self._greedy.machine(visible))
            figures = self._greedy.figures(visible)
        else:
            figures = self._tuning.goal(self._tuning.network(batch[0]), *batch)
        self.log_dict({f"val/{name}": value for name, value in figures.items()}, batch_size=len(batch[0]))

    def on_validation_epoch_end(self) -> None:
        if self.pretrains:
            validation = torch.cat(self._free_energies)
            self.log("val/free_energy_gap", validation.mean() - self._training_free_energy(len(validation)))

    def _training_free_energy(self, count: int) -> Tensor:
        """Mean free energy of the first training examples of the epoch's order."""
        energies, seen = [], 0
        for batch in training_data(self.trainer):
            energies.append(self._greedy.machine(self._greedy.visible(batch)))
            seen += len(batch[0])
            if seen >= count:
                break
        return torch.cat(energies)[:count].mean()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["greedy"] = self.greedy.state_dict() if self.greedy else None

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._resumed = checkpoint["greedy"]
