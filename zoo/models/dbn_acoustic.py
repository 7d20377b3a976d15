"""The acoustic model of slide D4:153: windows of speech, a pre-trained stack of RBMs, and a softmax over what is said.

Sizes in shapes: B batch, W values of a window, C classes, T frames of one recording, F features of a frame.

Reference: Mohamed, Dahl and Hinton, "Acoustic modeling using deep belief networks", 2012. Differs from it in that the classes are
whole words and every frame of a word has its class: there are no states to be aligned, so no hidden Markov model; a word is
decided by the sum of its frames' log-probabilities.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.layers.context_windows import context_windows
from zoo.models.dbn import DBN
from zoo.models.mlp import MLP
from zoo.models.unfolding import start_classifier
from zoo.registry import register_model


class AcousticModel(nn.Module):
    """A classifier of windows of standardised frames, and of the recordings they are from.

    Args:
        network: Takes a window to the scores of its classes.
        features: Values F of a frame; a window has the network's inputs over F frames.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: MLP, *, features: int = 40) -> None:
        super().__init__()
        self.network, self.width = network, network.inputs // features
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("deviation", torch.ones(features))

    def forward(self, window: Float[Tensor, "B W"]) -> Float[Tensor, "B C"]:
        """Scores (logits) of every window by itself."""
        return self.network(window)

    def start_at(self, stack: DBN) -> None:
        """Unfold a pre-trained stack, its lowest machine with Gaussian visible units, into the network."""
        start_classifier(self.network, [*stack.machines])

    def set_scale(self, mean: Float[Tensor, " F"], deviation: Float[Tensor, " F"]) -> None:
        """Remember what brings the features of a frame to zero mean and unit variance."""
        self.mean.copy_(mean)
        self.deviation.copy_(deviation)

    def reset_head(self, num_classes: int) -> None:
        """Put fresh scores on the last hidden layer."""
        self.network.reset_head(num_classes)

    @torch.no_grad()
    def word_scores(self, frame: Float[Tensor, "T F"]) -> Float[Tensor, " C"]:
        """Log-probabilities of a recording's classes, in nats, summed over its windows as if these were independent.

        Args:
            frame: Features of the recording as they are: the model standardises them and cuts the windows.

        Raises:
            ZooError: Frames of another number of features.
        """
        if frame.shape[-1] != len(self.mean):
            raise ZooError(f"frames of {frame.shape[-1]} features, the model takes {len(self.mean)}; see its card for how they are made")
        window = context_windows((frame - self.mean) / self.deviation, width=self.width)
        return self(window).log_softmax(-1).sum(0)


@register_model(example=lambda *, features=40, width=11, **_: torch.zeros(2, features * width))
def dbn_acoustic(
    *, features: int = 40, width: int = 11, widths: Sequence[int] = (512, 512, 512), num_classes: int = 10, dropout: float = 0.0
) -> AcousticModel:
    """Three sigmoid layers over windows of 11 frames of 40 log-mel energies, to be started by a stack of RBMs."""
    if not widths:
        raise ZooError("no hidden layers: a stack of RBMs needs at least one")
    network = MLP(inputs=features * width, widths=tuple(widths), num_classes=num_classes, activation="sigmoid", dropout=dropout)
    return AcousticModel(network, features=features)
