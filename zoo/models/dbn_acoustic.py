"""The acoustic model of slide D4:153: windows of speech, a pre-trained stack of RBMs, and a softmax over what is said.

Sizes in shapes: B batch, W values of a window, C classes, T windows of one recording.

Reference: Mohamed, Dahl and Hinton, "Acoustic modeling using deep belief networks", 2012. Differs from it in that the classes are
whole words and every frame of a word has its class: there are no states to be aligned, so no hidden Markov model; a word is
decided by the sum of its frames' log-probabilities.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.models.dbn import DBN
from zoo.models.mlp import MLP
from zoo.registry import register_model


class AcousticModel(nn.Module):
    """A classifier of windows, and of the recordings they are from.

    Args:
        network: Takes a window to the scores of its classes.
    """

    def __init__(self, network: MLP) -> None:
        super().__init__()
        self.network = network

    @classmethod
    def from_stack(cls, stack: DBN, *, num_classes: int = 10, dropout: float = 0.0) -> "AcousticModel":
        """Unfold a pre-trained stack, its lowest machine with Gaussian visible units."""
        return cls(stack.to_mlp(num_classes=num_classes, dropout=dropout))

    def forward(self, window: Float[Tensor, "B W"]) -> Float[Tensor, "B C"]:
        """Scores (logits) of every window by itself."""
        return self.network(window)

    def reset_head(self, num_classes: int) -> None:
        """Put fresh scores on the last hidden layer."""
        self.network.reset_head(num_classes)

    @torch.no_grad()
    def word_scores(self, window: Float[Tensor, "T W"]) -> Float[Tensor, " C"]:
        """Log-probabilities of a recording's classes, in nats, summed over its windows as if these were independent."""
        return self(window).log_softmax(-1).sum(0)


@register_model(example=lambda *, inputs=440, **_: torch.zeros(2, inputs))
def dbn_acoustic(
    *, inputs: int = 440, widths: Sequence[int] = (512, 512, 512), num_classes: int = 10, dropout: float = 0.0
) -> AcousticModel:
    """Three sigmoid layers over windows of 11 frames of 40 log-mel energies, to be started by a stack of RBMs."""
    return AcousticModel(MLP(inputs=inputs, widths=tuple(widths), num_classes=num_classes, activation="sigmoid", dropout=dropout))
