"""LeNet-5's maximum a posteriori loss.

Sizes in shapes: B batch, C classes.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from zoo.functions.cross_entropy import cross_entropy
from zoo.functions.native import is_native
from zoo.functions.registry import register_function
from zoo.functions.targets import check_label

RUBBISH_ENERGY = 10.0
"""The constant ``j`` of the loss, in units of squared distance: how far off a picture of nothing lies."""


def _with_rubbish(score: Tensor) -> Tensor:
    return torch.cat([score, score.new_full((len(score), 1), -RUBBISH_ENERGY)], dim=-1)


def map_loss_native(score: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, ""]:
    """The native twin; torch's own cross-entropy, as the two terms apart cancel where scores are far out."""
    check_label(score, label)
    return F.cross_entropy(_with_rubbish(score), label)


@register_function(
    formula="(5)",
    native=map_loss_native,
    example=lambda draw: (draw(4, 3), draw.index(4, below=3)),
    extremes={
        "saturated": lambda draw: (draw.saturated(6, 3), draw.index(6, below=3)),
        "one class": lambda draw: (draw(4, 1), draw.index(4, below=1)),
        "batch of one": lambda draw: (draw(1, 3), draw.index(1, below=3)),
        "empty batch": lambda draw: (draw(0, 3), draw.index(0, below=3)),
    },
    workload=lambda draw: (draw(256, 10), draw.index(256, below=10)),
)
def map_loss(score: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, ""]:
    r"""Maximum a posteriori loss of LeNet-5: :math:`y_d + \log(e^{-j} + \sum_i e^{-y_i})`.

    The second term pushes the wrong classes away; the constant ``j`` stops it from pushing for ever, and
    keeps all classes from collapsing onto one point. Both terms together are a cross-entropy over ``C + 1``
    classes, the last of which has the fixed score ``-j`` and is never right; so is the gradient.

    Args:
        score: Minus the energies ``y`` (squared distances to the class codes).
        label: The right class ``d`` of each picture.

    Returns:
        The mean over the batch, in nats.

    Raises:
        ZooError: There is not one label for each row of scores.

    References:
        LeCun et al., Proc. IEEE 1998, equation 9. Gradient: MATHS.md (5).
    """
    if is_native():
        return map_loss_native(score, label)
    check_label(score, label)
    return cross_entropy(_with_rubbish(score), label)
