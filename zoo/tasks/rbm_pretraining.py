"""Pre-training of an RBM, or of a stack of them one after the other, by contrastive divergence.

Sizes in shapes: B batch, V visible units.
"""

from typing import Any

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from pytorch_lightning.core.optimizer import LightningOptimizer
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.coins import Coins
from zoo.models.dbn import DBN
from zoo.models.rbm import RBM
from zoo.tasks.contrastive_divergence import ContrastiveDivergence
from zoo.tasks.rbm_options import RBMOptions

_LARGEST_WEIGHT = 100.0  # a unit that one other can push this far has long been a constant

Batch = tuple[Tensor, Tensor]


class RBMPretraining(pl.LightningModule):
    """Trains the machines of a stack in turn, each on the probabilities of the one below, for equal shares of the epochs.

    Everything that is logged is of the machine in training: squared error of its noiseless reconstruction, summed over
    the units; pseudo-likelihood (binary units) in nats a case; how far the free energy of validation data lies above that of as
    much training data, which grows with over-fitting (Hinton 2010, section 6); mean activity of the hidden units.

    Args:
        model: The machine or the stack.
        options: How each machine learns.
        seed: Of the chains.
    """

    def __init__(self, model: RBM | DBN, options: RBMOptions, *, seed: int = 0) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model, self.options, self.seed = model, options, seed
        self.machines = [model] if isinstance(model, RBM) else [*model.machines]
        self.level = -1  # of the machine in training
        self._resumed: dict[str, Any] | None = None

    @property
    def machine(self) -> RBM:
        """The machine in training."""
        return self.machines[self.level]

    @property
    def stack(self) -> DBN:
        """What has been trained so far, the machine in training on top."""
        return DBN(self.machines[: self.level + 1])

    @torch.no_grad()
    def below(self, x: Float[Tensor, "B *V"]) -> Float[Tensor, "B S"]:
        """What the machine in training sees of the data: the probabilities of the machine below."""
        visible = x.flatten(1)
        for machine in self.machines[: self.level]:
            visible = machine.hidden_probability(visible)
        return visible

    def configure_optimizers(self) -> torch.optim.Optimizer:
        groups = []
        for machine in self.machines:
            groups.append({"params": [machine.weight], "weight_decay": self.options.weight_decay})
            groups.append({"params": [machine.visible_bias, machine.hidden_bias]})
        # Hinton's velocity holds the learning rate, this one does not: the same as long as the rate stands still.
        return torch.optim.SGD(groups, lr=self.options.lr, momentum=self.options.momentum, fused=True)

    def on_fit_start(self) -> None:
        epochs = self.trainer.max_epochs or 0
        if self.trainer.world_size > 1:
            raise ZooError(f"{self.trainer.world_size} devices: pre-training runs on one; set --trainer.devices 1")
        if epochs < len(self.machines):
            raise ZooError(f"{epochs} epochs for {len(self.machines)} machines: each needs one at least; set --trainer.max-epochs")
        self.generator = torch.Generator(self.device).manual_seed(self.seed)

    def on_train_start(self) -> None:
        for loader in (self.trainer.train_dataloader, self.trainer.val_dataloaders):
            for x, _ in loader or ():
                self.machines[0].check(x.flatten(1))
        if self._resumed:
            self._begin(self._resumed["level"])
            self.divergence.load_state_dict(self._resumed["divergence"])
            self.generator.set_state(self._resumed["generator"].cpu())

    def on_train_epoch_start(self) -> None:
        level = self.current_epoch * len(self.machines) // self._epochs
        if level != self.level:
            self._begin(level)
            self.machine.start_at(self._training_mean())

    @property
    def _epochs(self) -> int:
        return self.trainer.max_epochs or 1

    def _begin(self, level: int) -> None:
        for parameter in self.parameters():
            parameter.grad = None  # the optimiser leaves the other machines alone
        self.level = level
        self.divergence = ContrastiveDivergence(self.machine, self.options, Coins(self.generator))

    @torch.no_grad()
    def _training_mean(self) -> Tensor:
        total, count = torch.zeros_like(self.machine.visible_bias), 0
        for x, _ in self.trainer.train_dataloader or ():
            total += self.below(x).sum(0)
            count += len(x)
        return total / count

    def training_step(self, batch: Batch, index: int) -> None:
        visible = self.below(batch[0])
        optimizer = self.optimizers()
        assert isinstance(optimizer, LightningOptimizer), "there is one for all machines"
        lr, momentum = self._schedule(index)
        for group in optimizer.param_groups:
            group.update(lr=lr, momentum=momentum)
        self.divergence.step(visible)
        optimizer.step()
        if self.global_step % self.trainer.log_every_n_steps == 0 or self.trainer.is_last_batch:  # type: ignore[attr-defined]
            self._watch(visible, lr)

    def _schedule(self, index: int) -> tuple[float, float]:
        """Learning rate and momentum of a step, from the share of the machine's own epochs that is done."""
        options, per_machine = self.options, self._epochs / len(self.machines)
        first = -(-self.level * self._epochs // len(self.machines))  # epoch in which the machine began
        done = (self.current_epoch - first + index / self.trainer.num_training_batches) / per_machine
        lr = options.gaussian_lr if self.machine.gaussian else options.lr
        early = self.current_epoch - first < options.momentum_epochs
        return lr * (1 + (options.final_lr - 1) * min(done, 1)), options.momentum if early else options.final_momentum

    def _watch(self, visible: Tensor, lr: float) -> None:
        largest = max(float(parameter.detach().abs().max()) for parameter in self.machine.parameters())
        if not largest < _LARGEST_WEIGHT:  # nor is NaN
            flag = "gaussian-lr" if self.machine.gaussian else "lr"
            raise ZooError(
                f"step {self.global_step}: training diverged, the largest weight of machine {self.level + 1} is {largest:g}; the likely "
                f"cause is the learning rate of {lr:g}: try --task.{flag} {lr / 10:g}" + (" on standardised data" * self.machine.gaussian)
            )
        figures = self._figures(visible) | {"largest_weight": largest, "lr": lr}
        self.log_dict({f"train/{name}": value for name, value in figures.items()}, on_step=True, on_epoch=True)

    @torch.no_grad()
    def _figures(self, visible: Tensor) -> dict[str, Tensor | float]:
        machine = self.machine
        hidden = machine.hidden_probability(visible)
        error = (visible - machine.visible_mean(hidden)).square().sum(1).mean()
        figures: dict[str, Tensor | float] = {"reconstruction_error": error, "hidden_activity": hidden.mean()}
        if not machine.gaussian:
            figures["pseudo_likelihood"] = machine.pseudo_likelihood(visible, self.generator).mean()
        return figures

    def on_validation_epoch_start(self) -> None:
        self._free_energies: list[Tensor] = []

    def validation_step(self, batch: Batch, index: int) -> None:
        visible = self.below(batch[0])
        self._free_energies.append(self.machine(visible))
        self.log_dict({f"val/{name}": value for name, value in self._figures(visible).items()}, batch_size=len(visible))

    def on_validation_epoch_end(self) -> None:
        validation = torch.cat(self._free_energies)
        self.log("val/free_energy_gap", validation.mean() - self._training_free_energy(len(validation)))

    def _training_free_energy(self, count: int) -> Tensor:
        """Mean free energy of the first training examples of the epoch's order."""
        energies, seen = [], 0
        for x, _ in self.trainer.train_dataloader or ():
            energies.append(self.machine(self.below(x)))
            seen += len(x)
            if seen >= count:
                break
        return torch.cat(energies)[:count].mean()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        state = {"level": self.level, "divergence": self.divergence.state_dict(), "generator": self.generator.get_state()}
        checkpoint["contrastive_divergence"] = state

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._resumed = checkpoint["contrastive_divergence"]
