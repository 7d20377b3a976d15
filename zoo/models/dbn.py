"""The deep belief network: a stack of restricted Boltzmann machines.

Sizes in shapes: B batch, V visible units, T top units, S units of any layer, C classes.

Reference: Hinton, Osindero and Teh, "A fast learning algorithm for deep belief nets", Neural Computation 2006; DeepLearnToolbox's
``dbntrain`` and ``dbnunfoldtonn``. Differs from the former in that the label units beside the top machine's visible units are
binary units of their own, not one unit of C states, and in that the generative weights are not fine-tuned by the up-down
algorithm. What is fine-tuned, by back-propagation, is a classifier that starts as a copy of the stack; the stack stays as it
was, so that one model classifies with the one and generates with the other.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from zoo.errors import ZooError, check_range
from zoo.functions.coins import Coins
from zoo.models.autoencoder import DeepAutoencoder
from zoo.models.mlp import MLP
from zoo.models.rbm import RBM, Units
from zoo.models.unfolding import start_autoencoder, start_classifier
from zoo.registry import register_model


class DBN(nn.Module):
    """Machines on top of each other; the hidden units of one are the visible units of the next.

    Each learns from the probabilities that the one below gives (``zoo.tasks.greedy``).

    Args:
        machines: From the lowest up.
        label_units: How many of the top machine's visible units, the last, stand for classes.
        classifier: The network that ``unfold`` starts at the stack's weights.

    Raises:
        ZooError: No machine, one that does not fit on the one below, fewer than no label units, or label units without a machine below
            them.
    """

    machines: Sequence[RBM]

    def __init__(self, machines: Sequence[RBM], *, label_units: int = 0, classifier: MLP | None = None) -> None:
        super().__init__()
        if not machines:
            raise ZooError("a stack has a visible and at least one hidden layer, at least two widths")
        check_range("label units", label_units, least=0)
        if label_units and len(machines) == 1:
            raise ZooError("label units stand beside the hidden units of the machine below; a stack of one machine has none")
        for below, above in pairwise(machines):
            hidden, visible = len(below.hidden_bias), len(above.visible_bias) - label_units * (above is machines[-1])
            if hidden != visible or above.gaussian:
                kind = "gaussian" if above.gaussian else "binary"
                raise ZooError(f"a machine of {visible} {kind} visible units on {hidden} binary hidden ones; both must be alike")
        self.machines = cast("Sequence[RBM]", nn.ModuleList(machines))
        self.label_units, self.classifier = label_units, classifier

    def forward(self, visible: Float[Tensor, "B *V"]) -> Float[Tensor, "B _"]:
        """Scores (logits) of the classes; of a stack without a classifier, the reconstruction.

        Raises:
            ZooError: Inputs of another number of values than the lowest machine has visible units.
        """
        values, units = math.prod(visible.shape[1:]), len(self.machines[0].visible_bias)
        if values != units:
            raise ZooError(f"inputs of shape {tuple(visible.shape)}: {values} values each, where the lowest machine has {units} units")
        return self.classifier(visible) if self.classifier else self.down(self.up(visible.flatten(1)))

    def input_of(self, level: int, visible: Float[Tensor, "B V"], label: Int[Tensor, " B"] | None = None) -> Float[Tensor, "B S"]:
        """What a machine sees of data: the probabilities of the one below, and, at the top, the label units beside them.

        Args:
            level: Which machine, from 0.
            visible: The data.
            label: Its classes; where they are not known, all classes are alike.
        """
        for machine in self.machines[:level]:
            visible = machine.hidden_probability(visible)
        if not self.label_units or level < len(self.machines) - 1:
            return visible
        if label is None:
            beside = visible.new_full((len(visible), self.label_units), 1 / self.label_units)
        else:
            beside = F.one_hot(label, self.label_units).to(visible.dtype)
        return torch.cat([visible, beside], dim=1)

    def up(self, visible: Float[Tensor, "B V"]) -> Float[Tensor, "B T"]:
        """Probabilities of the top units: every layer takes the probabilities of the one below."""
        return self.machines[-1].hidden_probability(self.input_of(len(self.machines) - 1, visible))

    def down(self, hidden: Float[Tensor, "B T"]) -> Float[Tensor, "B V"]:
        """Means of the visible units: every layer takes the means of the one above."""
        *lower, top = self.machines
        mean = self._without_labels(top.visible_mean(hidden))
        for machine in reversed(lower):
            mean = machine.visible_mean(mean)
        return mean

    def _without_labels(self, visible: Float[Tensor, "B S"]) -> Float[Tensor, "B _"]:
        return visible[:, : visible.shape[1] - self.label_units]

    @torch.no_grad()
    def transform(self, visible: Float[Tensor, "B V"]) -> Float[Tensor, "B T"]:
        """Features of inputs that are checked first.

        Raises:
            ZooError: What ``RBM.check`` refuses.
        """
        self.machines[0].check(visible)
        return self.up(visible)

    @torch.no_grad()
    def reconstruct(self, visible: Float[Tensor, "B V"]) -> Float[Tensor, "B V"]:
        """All the way up and down again, of inputs that are checked first.

        Raises:
            ZooError: What ``RBM.check`` refuses.
        """
        return self.down(self.transform(visible))

    @torch.no_grad()
    def sample(
        self, count: int, *, steps: int = 1000, generator: torch.Generator, label: int | Tensor | None = None
    ) -> Float[Tensor, "B V"]:
        """Fantasies: Gibbs sampling in the top machine, then one pass down.

        Args:
            count: How many, each from a chain of its own.
            steps: Of every chain.
            generator: Of all states.
            label: The class that the label units are held at, or one for each; without it they follow the chains.

        Returns:
            Means of the visible units; the layers between are sampled, as the generative model has it.

        Raises:
            ZooError: There is no label unit of that number.
        """
        *lower, top = self.machines
        clamped = None if label is None else self._held(torch.as_tensor(label).expand(count))
        coins, mean = Coins(generator), top.sample(count, steps=steps, generator=generator, clamped=clamped)
        mean = self._without_labels(mean)
        for machine in reversed(lower):
            mean = machine.visible_mean(coins.toss(mean))
        return mean

    def _held(self, label: Int[Tensor, " B"]) -> Float[Tensor, "B C"]:
        if not self.label_units:
            raise ZooError(f"class {int(label[0])}: this stack has no label units and can only be sampled as a whole")
        for bound in label.aminmax():
            check_range("the class", int(bound), least=0, below=self.label_units)
        bias = self.machines[-1].visible_bias
        return F.one_hot(label.to(bias.device), self.label_units).to(bias.dtype)

    def unfold(self) -> None:
        """Start the classifier at the stack's weights.

        Raises:
            ZooError: There is no classifier.
        """
        if self.classifier is None:
            raise ZooError("this stack has no classifier to start; build it with num_classes")
        start_classifier(self.classifier, [*self.machines], label_units=self.label_units)

    def reset_head(self, num_classes: int) -> None:
        """Put fresh scores on the classifier's last hidden layer; a stack without a classifier unfolds into one."""
        if self.classifier is None:
            self.classifier = self.to_mlp(num_classes=num_classes)
        self.classifier.reset_head(num_classes)

    def to_mlp(self, *, num_classes: int = 10, input_dropout: float = 0.0, dropout: float = 0.0, max_norm: float = 0.0) -> MLP:
        """Unfold into a classifier of sigmoid layers, to be fine-tuned by back-propagation. For the arguments see ``MLP``."""
        network = MLP(
            inputs=len(self.machines[0].visible_bias),
            widths=[len(machine.hidden_bias) for machine in self.machines],
            num_classes=num_classes,
            activation="sigmoid",
            input_dropout=input_dropout,
            dropout=dropout,
            max_norm=max_norm,
        )
        start_classifier(network, [*self.machines], label_units=self.label_units)
        return network

    def to_autoencoder(self) -> DeepAutoencoder:
        """Unfold into an autoencoder that reconstructs as ``reconstruct`` does until fine-tuning unties its halves.

        Raises:
            ZooError: Gaussian visible units: the autoencoder's outputs are probabilities.
        """
        widths = [len(self.machines[0].visible_bias), *(len(machine.hidden_bias) for machine in self.machines)]
        network = DeepAutoencoder(widths=widths, code="sigmoid")
        start_autoencoder(network, [*self.machines])
        return network


@register_model(example=lambda *, widths=(784,), **_: torch.zeros(2, widths[0]))
def dbn(
    *,
    widths: Sequence[int] = (784, 500, 500, 2000),
    units: Units = "bernoulli",
    label_units: int = 0,
    num_classes: int = 0,
    input_dropout: float = 0.0,
    dropout: float = 0.0,
    max_norm: float = 0.0,
) -> DBN:
    """A deep belief network: 784-500-500-2000 unless told otherwise.

    Its output is the reconstruction; with ``num_classes`` it has a classifier of its own, and its output are scores.
    """
    below = [*widths[:-2], *(width + label_units for width in widths[-2:-1])]
    sizes = enumerate(zip(below, widths[1:], strict=True))
    stack = DBN(
        [RBM(visible=visible, hidden=hidden, units="bernoulli" if level else units) for level, (visible, hidden) in sizes],
        label_units=label_units,
    )
    if num_classes:
        stack.classifier = stack.to_mlp(num_classes=num_classes, input_dropout=input_dropout, dropout=dropout, max_norm=max_norm)
    return stack
