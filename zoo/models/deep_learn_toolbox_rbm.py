"""DeepLearnToolbox's restricted Boltzmann machine, with every random number passed in.

Sizes in shapes: B batch, V visible units, H hidden units.

Reference: slide D4:178-199 (``rbmtrain``). Its names are kept: ``W`` is hidden x visible, where slide D4:202 has it the other
way round, ``b`` belongs to the visible and ``c`` to the hidden units (erratum E46). ``h2`` is a probability, not a state,
and the positive statistics use the sample ``h1``, which is unbiased but noisier than its probability (E44).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.functions.rbm import contrastive_divergence, hidden_probability, visible_mean


class DeepLearnToolboxRBM(nn.Module):
    """Binary visible and hidden units, trained by one step of contrastive divergence; everything starts at zero.

    Args:
        visible: Number V of visible units.
        hidden: Number H of hidden units.
        alpha: Learning rate.
        momentum: Share of the last change that is made again.
    """

    W: Tensor
    b: Tensor
    c: Tensor

    def __init__(self, visible: int, hidden: int, *, alpha: float = 0.1, momentum: float = 0.5) -> None:
        super().__init__()
        self.alpha, self.momentum = alpha, momentum
        for name, shape in {"W": (hidden, visible), "b": (visible,), "c": (hidden,)}.items():
            # No loss is differentiated: the rule of contrastive divergence is the gradient of none.
            self.register_parameter(name, nn.Parameter(torch.zeros(shape), requires_grad=False))
            self.register_buffer(f"v{name}", torch.zeros(shape))

    def up(self, v: Float[Tensor, "B V"]) -> Float[Tensor, "B H"]:
        """Probability of each hidden unit being on (``rbmup``)."""
        return hidden_probability(v, self.W, self.c)

    def down(self, h: Float[Tensor, "B H"]) -> Float[Tensor, "B V"]:
        """Probability of each visible unit being on (``rbmdown``)."""
        return visible_mean(h, self.W, self.b)

    @torch.no_grad()
    def step(self, v1: Float[Tensor, "B V"], *, u_h1: Float[Tensor, "B H"], u_v2: Float[Tensor, "B V"]) -> Float[Tensor, ""]:
        """Learn from one mini-batch, as one turn of ``rbmtrain``'s loop does.

        Args:
            v1: The data, in [0, 1].
            u_h1: Uniform random numbers: a hidden unit is on where its probability is greater.
            u_v2: The same for the reconstruction.

        Returns:
            Squared error of the reconstruction, summed over the units; the mean over the batch.
        """
        h1 = (self.up(v1) > u_h1).to(v1)
        v2 = (self.down(h1) > u_v2).to(v1)
        change = contrastive_divergence(v1, v2, self.W, self.c, hidden=h1)
        for name, statistic in zip("Wbc", change, strict=True):
            velocity = getattr(self, f"v{name}")
            velocity.mul_(self.momentum).add_(statistic, alpha=self.alpha)
            getattr(self, name).add_(velocity)
        return (v1 - v2).square().sum() / len(v1)
