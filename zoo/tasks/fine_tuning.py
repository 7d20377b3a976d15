"""What a pre-trained stack becomes: a network that back-propagation goes on to train.

Sizes in shapes: B batch, V inputs, C classes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from zoo.functions.losses import LOSSES
from zoo.tasks.options import OptimizerOptions

Figures = dict[str, Tensor]


@dataclass(frozen=True)
class FineTuning:
    """The second part of a training that begins with a stack of RBMs."""

    network: nn.Module
    """What is fine-tuned."""
    unfold: Callable[[], None]
    """Starts the network at the stack's weights."""
    goal: Callable[[Tensor, Tensor, Tensor], Figures]
    """Takes the network's output, its input and the classes to the figures of a batch, ``loss`` first."""
    optimizer: OptimizerOptions
    pretraining: float
    """Share of the epochs before it."""


def classify(score: Float[Tensor, "B C"], x: Float[Tensor, "B *V"], label: Int[Tensor, " B"], *, smoothing: float = 0.0) -> Figures:
    """Cross-entropy in nats a case, and the share of wrong classes.

    Args:
        score: Logits.
        x: What they were computed from.
        label: The classes.
        smoothing: Share of each label that is spread over all classes.

    References:
        Szegedy et al., "Rethinking the Inception architecture for computer vision", 2016, section 7.
    """
    loss = LOSSES["cross-entropy"](score, label)
    if smoothing:  # cross-entropy is linear in the target, and differs between two classes as their scores do
        loss = loss + smoothing * (score.gather(1, label[:, None])[:, 0] - score.mean(1)).mean()
    return {"loss": loss, "error": (score.argmax(-1) != label).float().mean()}


def reconstruct(logit: Float[Tensor, "B V"], x: Float[Tensor, "B *V"], label: Int[Tensor, " B"]) -> Figures:
    """Cross-entropy of the pixels as probabilities, and the squared error, both summed over a picture.

    References:
        Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science 2006.
    """
    target = x.flatten(1)
    loss = F.binary_cross_entropy_with_logits(logit, target, reduction="none").sum(1).mean()
    return {"loss": loss, "squared_error": (logit.sigmoid() - target).square().sum(1).mean()}
