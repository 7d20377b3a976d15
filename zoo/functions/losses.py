"""Classification losses: each takes scores and labels and returns the mean over the batch.

Sizes in shapes: B batch, C classes. A higher score always means a likelier class, so that one ``argmax``
decides for every loss; ``LOSSES`` names them for recipes, ``likelihood`` turns scores into what people read.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from zoo.functions.cross_entropy import cross_entropy
from zoo.functions.map_loss import map_loss
from zoo.functions.squared_error import sigmoid_squared_error


def squared_error(score: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, ""]:
    """Half the squared error of sigmoid outputs against one-hot targets, summed over classes.

    The mean over the batch keeps the learning rate apart from the batch size (slide D3:250 sums; erratum E8).

    References:
        Slides D3:248-292, D1:346-370. Gradient: MATHS.md (4).
    """
    return sigmoid_squared_error(score, F.one_hot(label, score.shape[-1]).to(score.dtype))


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
