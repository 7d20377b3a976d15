"""Machines of a stack that learn one after the other.

Sizes in shapes: B batch, V visible units, S units of any layer.
"""

from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.errors import RunError, ZooError
from zoo.functions.coins import Coins
from zoo.models.dbn import DBN
from zoo.models.rbm import RBM
from zoo.tasks.contrastive_divergence import ContrastiveDivergence
from zoo.tasks.rbm_options import RBMOptions

_LARGEST_WEIGHT = 100.0  # a unit that one other can push this far has long been a constant

Batch = tuple[Tensor, Tensor]


class GreedyPretraining:
    """Trains each machine of a stack on the probabilities of the one below, for equal shares of the epochs.

    Where the stack has label units, the top machine sees the examples' classes there.

    Args:
        stack: What learns.
        options: How each machine learns.
        epochs: Of all machines together.
        generator: Of the chains; on the stack's device.
        top: How the top machine learns, where it does so in another way.

    Raises:
        ZooError: Fewer epochs than machines.
    """

    def __init__(self, stack: DBN, options: RBMOptions, *, epochs: int, generator: torch.Generator, top: RBMOptions | None = None) -> None:
        if epochs < len(stack.machines):
            raise ZooError(f"{epochs} epochs for {len(stack.machines)} machines: each needs one at least; set --trainer.max-epochs")
        self.stack, self.epochs, self.generator = stack, epochs, generator
        self._options = [options] * (len(stack.machines) - 1) + [top or options]
        self.level = -1  # of the machine in training

    @property
    def machine(self) -> RBM:
        """The machine in training."""
        return self.stack.machines[self.level]

    @property
    def options(self) -> RBMOptions:
        """How the machine in training learns."""
        return self._options[self.level]

    @property
    def trained(self) -> DBN:
        """The stack so far, the machine in training on top."""
        whole = self.level + 1 == len(self.stack.machines)
        return DBN([*self.stack.machines][: self.level + 1], label_units=self.stack.label_units if whole else 0)

    def build_optimizer(self) -> torch.optim.Optimizer:
        """One optimiser for all machines: those that rest have no gradient."""
        groups = []
        for machine, options in zip(self.stack.machines, self._options, strict=True):
            groups.append({"params": [machine.weight], "weight_decay": options.weight_decay})
            groups.append({"params": [machine.visible_bias, machine.hidden_bias]})
        # Hinton's velocity holds the learning rate, this one does not: the same as long as the rate stands still.
        return torch.optim.SGD(groups, fused=True)  # each step sets learning rate and momentum

    def begin_epoch(self, epoch: int, batches: Iterable[Batch]) -> None:
        """Go on to the next machine when its turn has come; its visible biases start at the data's means."""
        level = epoch * len(self.stack.machines) // self.epochs
        if level != self.level:
            self._begin(level)
            self.machine.start_at(self._mean(batches))

    def _begin(self, level: int) -> None:
        for parameter in self.stack.machines.parameters():  # type: ignore[attr-defined]
            parameter.grad = None  # the optimiser leaves the other machines alone
        self.level = level
        self.divergence = ContrastiveDivergence(self.machine, self.options, Coins(self.generator))

    @torch.no_grad()
    def _mean(self, batches: Iterable[Batch]) -> Float[Tensor, " S"]:
        total, count = torch.zeros_like(self.machine.visible_bias), 0
        for batch in batches:
            visible = self.visible(batch)
            total += visible.sum(0)
            count += len(visible)
        return total / count

    @torch.no_grad()
    def visible(self, batch: Batch) -> Float[Tensor, "B S"]:
        """What the machine in training sees of a batch of data with their classes."""
        x, label = batch
        return self.stack.input_of(self.level, x.flatten(1), label)

    def schedule(self, epoch: float) -> tuple[float, float]:
        """Learning rate and momentum, from the share of the machine's own epochs that is done.

        Args:
            epoch: With the share of this epoch that is done.
        """
        options, machines = self.options, len(self.stack.machines)
        first = -(-self.level * self.epochs // machines)  # epoch in which the machine began
        done = (epoch - first) / (self.epochs / machines)
        lr = options.gaussian_lr if self.machine.gaussian else options.lr
        early = int(epoch) - first < options.momentum_epochs
        return lr * (1 + (options.final_lr - 1) * min(done, 1)), options.momentum if early else options.final_momentum

    def step(self, visible: Float[Tensor, "B S"], optimizer: torch.optim.Optimizer, *, epoch: float, number: int) -> None:
        """Set the gradients and the optimiser's rates for one step, which is then the optimiser's to take.

        Args:
            visible: What ``visible`` gave of a batch.
            optimizer: What ``build_optimizer`` gave.
            epoch: Of this step, with the share of the epoch that is done.
            number: Of this step, as a message names it.

        Raises:
            RunError: The weights are so large, or not numbers, that training has diverged.
        """
        lr, momentum = self.schedule(epoch)
        for group in optimizer.param_groups:
            group.update(lr=lr, momentum=momentum)
        if not (largest := self.largest_weight()) < _LARGEST_WEIGHT:  # nor is NaN
            name = "gaussian-lr" if self.machine.gaussian else "lr"
            raise RunError(
                f"step {number}: training diverged, the largest weight of machine {self.level + 1} is {largest:g}; the likely "
                f"cause is the learning rate of {lr:g}: try {name} {lr / 10:g}" + (" on standardised data" * self.machine.gaussian)
            )
        self.divergence.step(visible)

    @torch.no_grad()
    def figures(self, visible: Float[Tensor, "B S"]) -> dict[str, Tensor]:
        """How the machine in training does: reconstruction error, mean activity, and for binary units pseudo-likelihood."""
        machine = self.machine
        hidden = machine.hidden_probability(visible)
        error = (visible - machine.visible_mean(hidden)).square().sum(1).mean()
        figures = {"reconstruction_error": error, "hidden_activity": hidden.mean()}
        if not machine.gaussian:
            figures["pseudo_likelihood"] = machine.pseudo_likelihood(visible, self.generator).mean()
        return figures

    def largest_weight(self) -> float:
        """The largest weight of the machine in training, by amount."""
        low, high = self.machine.weight.detach().aminmax()
        return max(-float(low), float(high))

    def state_dict(self) -> dict[str, Any]:
        """What the next step takes from the last ones."""
        return {"level": self.level, "divergence": self.divergence.state_dict(), "generator": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where ``state_dict`` was taken."""
        self._begin(state["level"])
        self.divergence.load_state_dict(state["divergence"])
        self.generator.set_state(state["generator"].cpu())
