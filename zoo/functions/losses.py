"""Classification losses: each takes scores and labels and returns the mean over the batch.

Sizes in shapes: B batch, C classes. A higher score always means a likelier class, so that one ``argmax``
decides for every loss; ``LOSSES`` names them for recipes, ``likelihood`` turns scores into what people read.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

RUBBISH_ENERGY = 10.0
"""The constant ``j`` of the MAP loss, in units of squared distance: how far off a picture of nothing lies."""


def cross_entropy(score: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, ""]:
    """Softmax cross-entropy in nats, for scores that are logits. Gradient: MATHS.md (5)."""
    return F.cross_entropy(score, label)


def squared_error(score: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, ""]:
    """Half the squared error of sigmoid outputs against one-hot targets, summed over classes.

    The mean over the batch keeps the learning rate apart from the batch size (slide D3:250 sums; erratum E8).

    References:
        Slides D3:248-292, D1:346-370. Gradient: MATHS.md (4).
    """
    target = F.one_hot(label, score.shape[-1]).to(score.dtype)
    return 0.5 * (torch.sigmoid(score) - target).square().sum(-1).mean()


def map_loss(score: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, ""]:
    r"""Maximum a posteriori loss of LeNet-5: :math:`y_d + \log(e^{-j} + \sum_i e^{-y_i})`.

    The second term pushes the wrong classes away; the constant ``j`` stops it from pushing for ever, and
    keeps all classes from collapsing onto one point.

    Args:
        score: Minus the energies ``y`` (squared distances to the class codes).
        label: The right class ``d`` of each picture.

    References:
        LeCun et al., Proc. IEEE 1998, equation 9.
    """
    rubbish = score.new_full((len(score), 1), -RUBBISH_ENERGY)
    evidence = torch.logsumexp(torch.cat([score, rubbish], dim=-1), dim=-1)
    return (evidence - score.gather(-1, label[:, None]).squeeze(-1)).mean()


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross-entropy": cross_entropy,
    "squared-error": squared_error,
    "map": map_loss,
}


def likelihood(score: Float[Tensor, "B C"], *, loss: str) -> Float[Tensor, "B C"]:
    """What a network trained with ``loss`` says of each class, in [0, 1].

    Softmax probabilities; for ``squared-error`` the sigmoid outputs, which need not sum to one.
    """
    return torch.sigmoid(score) if loss == "squared-error" else score.softmax(-1)
