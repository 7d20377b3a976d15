"""The deep belief network: a stack of restricted Boltzmann machines.

Sizes in shapes: B batch, V visible units, T top units, S units of any layer.

Reference: Hinton, Osindero and Teh, "A fast learning algorithm for deep belief nets", Neural Computation 2006; DeepLearnToolbox's
``dbntrain`` and ``dbnunfoldtonn``. Differs from the former: no labels beside the top machine's visible units, and no up-down
fine-tuning of the generative weights; the recognition weights stay their transposes.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.functions.coins import Coins
from zoo.models.autoencoder import DeepAutoencoder
from zoo.models.mlp import MLP
from zoo.models.rbm import RBM, Units
from zoo.registry import register_model


class DBN(nn.Module):
    """Machines on top of each other; the hidden units of one are the visible units of the next.

    Each learns from the probabilities that the one below gives (``zoo.tasks.rbm_pretraining``).

    Args:
        machines: From the lowest up.

    Raises:
        ZooError: No machine, or one that does not fit on the one below.
    """

    machines: Sequence[RBM]

    def __init__(self, machines: Sequence[RBM]) -> None:
        super().__init__()
        if not machines:
            raise ZooError("a stack has a visible and at least one hidden layer, at least two widths")
        for below, above in pairwise(machines):
            hidden, visible = len(below.hidden_bias), len(above.visible_bias)
            if hidden != visible or above.gaussian:
                kind = "gaussian" if above.gaussian else "binary"
                raise ZooError(f"a machine of {visible} {kind} visible units on {hidden} binary hidden ones; both must be alike")
        self.machines = cast("Sequence[RBM]", nn.ModuleList(machines))

    def forward(self, visible: Float[Tensor, "B V"]) -> Float[Tensor, "B V"]:
        """Reconstruction: probabilities all the way up, and means all the way down."""
        return self.down(self.up(visible))

    def up(self, visible: Float[Tensor, "B V"]) -> Float[Tensor, "B T"]:
        """Probabilities of the top units: every layer takes the probabilities of the one below."""
        for machine in self.machines:
            visible = machine.hidden_probability(visible)
        return visible

    def down(self, hidden: Float[Tensor, "B T"]) -> Float[Tensor, "B V"]:
        """Means of the visible units: every layer takes the means of the one above."""
        for machine in reversed(self.machines):
            hidden = machine.visible_mean(hidden)
        return hidden

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
        """``forward`` of inputs that are checked first.

        Raises:
            ZooError: What ``RBM.check`` refuses.
        """
        return self.down(self.transform(visible))

    @torch.no_grad()
    def sample(self, count: int, *, steps: int = 1000, generator: torch.Generator) -> Float[Tensor, "B V"]:
        """Fantasies: Gibbs sampling in the top machine, then one pass down.

        Returns:
            Means of the visible units; the layers between are sampled, as the generative model has it.
        """
        *lower, top = self.machines
        coins, mean = Coins(generator), top.sample(count, steps=steps, generator=generator)
        for machine in reversed(lower):
            mean = machine.visible_mean(coins.toss(mean))
        return mean

    @torch.no_grad()
    def to_mlp(self, *, num_classes: int = 10, input_dropout: float = 0.0, dropout: float = 0.0, max_norm: float = 0.0) -> MLP:
        """Unfold into a classifier of sigmoid layers with a fresh head, to be fine-tuned by back-propagation.

        With dropout the weights are copied as they are: its layers scale what they retain up by themselves, where Srivastava et
        al. scale pre-trained weights up by 1/p. For the other arguments see ``MLP``.

        References:
            ``dbnunfoldtonn``: MATHS.md (22), whose ``nn.W = [c W]`` are these biases and weights.
        """
        widths = [len(machine.hidden_bias) for machine in self.machines]
        inputs = len(self.machines[0].visible_bias)
        model = MLP(
            inputs=inputs,
            widths=widths,
            num_classes=num_classes,
            activation="sigmoid",
            input_dropout=input_dropout,
            dropout=dropout,
            max_norm=max_norm,
        )
        _copy_up(self, model.features)
        return model

    @torch.no_grad()
    def to_autoencoder(self) -> DeepAutoencoder:
        """Unfold into an autoencoder that reconstructs what ``forward`` does until fine-tuning unties its halves.

        Raises:
            ZooError: Gaussian visible units: the autoencoder's outputs are probabilities.
        """
        if self.machines[0].gaussian:
            raise ZooError("the autoencoder's outputs are probabilities; unfold a stack with binary visible units")
        widths = [len(self.machines[0].visible_bias), *(len(machine.hidden_bias) for machine in self.machines)]
        model = DeepAutoencoder(widths=widths, code="sigmoid")
        _copy_up(self, model.encoder)
        for machine, layer in zip(reversed(self.machines), _linear(model.decoder), strict=True):
            layer.weight.copy_(machine.weight.mT)
            layer.bias.copy_(machine.visible_bias)
        return model


def _copy_up(stack: DBN, layers: nn.Sequential) -> None:
    for machine, layer in zip(stack.machines, _linear(layers), strict=True):
        layer.weight.copy_(machine.weight)
        layer.bias.copy_(machine.hidden_bias)


def _linear(layers: nn.Sequential) -> list[nn.Linear]:
    return [layer for layer in layers if isinstance(layer, nn.Linear)]


@register_model(example=lambda *, widths=(784,), **_: torch.zeros(2, widths[0]))
def dbn(*, widths: Sequence[int] = (784, 500, 500, 2000), units: Units = "bernoulli") -> DBN:
    """A deep belief network: 784-500-500-2000 unless told otherwise. Its output is the reconstruction."""
    sizes = enumerate(pairwise(widths))
    return DBN([RBM(visible=below, hidden=above, units="bernoulli" if level else units) for level, (below, above) in sizes])
