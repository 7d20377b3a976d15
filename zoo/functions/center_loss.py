"""Center loss, and the step of the centers that goes with it.

Sizes in shapes: B batch, F features, C classes.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.native import is_native
from zoo.functions.registry import register_function
from zoo.functions.targets import check_label


class _CenterLoss(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(feature: Tensor, label: Tensor, center: Tensor) -> Tensor:
        return 0.5 * (feature - center[label]).square().sum()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        feature, label, center = ctx.saved_tensors
        return grad * (feature - center.detach()[label]), None, None


def _check(feature: Tensor, label: Tensor, center: Tensor) -> None:
    check_label(feature, label, name="features")
    if feature.shape[-1] != center.shape[-1]:
        shapes = f"features of shape {tuple(feature.shape)}, centers of shape {tuple(center.shape)}"
        raise ZooError(f"{shapes}: give each center as many coordinates as a feature has")


def center_loss_native(feature: Float[Tensor, "B F"], label: Int[Tensor, " B"], center: Float[Tensor, "C F"]) -> Float[Tensor, ""]:
    """The native twin."""
    _check(feature, label, center)
    return 0.5 * (feature - center.detach()[label]).square().sum()


@register_function(
    formula="(24)",
    native=center_loss_native,
    example=lambda draw: (draw(6, 3), draw.index(6, below=4), draw.constant(4, 3)),
    extremes={
        "batch of one": lambda draw: (draw(1, 3), draw.index(1, below=4), draw.constant(4, 3)),
        "empty batch": lambda draw: (draw(0, 3), draw.index(0, below=4), draw.constant(4, 3)),
        "one class": lambda draw: (draw(6, 3), draw.index(6, below=1), draw.constant(1, 3)),
        "centers that ask for a gradient": lambda draw: (draw(6, 3), draw.index(6, below=4), draw(4, 3)),
    },
)
def center_loss(feature: Float[Tensor, "B F"], label: Int[Tensor, " B"], center: Float[Tensor, "C F"]) -> Float[Tensor, ""]:
    r"""Half the squared distances to the own class's center: :math:`L = \frac12 \sum_i \|x_i - c_{y_i}\|^2`.

    The sum over the batch is the paper's; beside a cross-entropy that is a mean, divide by the batch size, or the
    weight of this loss would depend on it (erratum E8). No gradient reaches the centers: ``center_update`` moves them.

    Args:
        feature: Deep features.
        label: Class of each, in ``[0, C)``, which ``zoo.layers.center_loss.CenterLoss`` checks and this does not.
        center: One point of the feature space a class.

    Returns:
        The loss, in units of squared distance.

    Raises:
        ZooError: There is not one whole number for each feature, or the centers are of another width.

    References:
        Wen et al., "A Discriminative Feature Learning Approach for Deep Face Recognition", ECCV 2016, equations 2
        and 3. Slide D0:1441-1445. Gradient: MATHS.md (24).
    """
    if is_native():
        return center_loss_native(feature, label, center)
    _check(feature, label, center)
    return _CenterLoss.apply(feature, label, center)


@torch.no_grad()
def center_update(feature: Float[Tensor, "B F"], label: Int[Tensor, " B"], center: Float[Tensor, "C F"]) -> Float[Tensor, "C F"]:
    r"""The paper's step of the centers, :math:`\Delta c_j = \sum_i [y_i = j] (c_j - x_i) / (1 + n_j)`.

    Subtract it, times a rate in [0, 1] of its own (the paper's alpha; not the network's learning rate, erratum E7).
    It is no gradient: that of ``center_loss`` by ``c_j`` lacks the division, by one more than the number of examples
    of the class. So no momentum, weight decay or weight of the loss belongs to it. Absent classes stay where they are.

    Raises:
        ZooError: There is not one label for each feature, or the centers are of another width.

    References:
        Wen et al., ECCV 2016, equation 4. MATHS.md (24).
    """
    return center_step(*center_pull(feature, label, center))


def center_step(pull: Float[Tensor, "C F"], count: Float[Tensor, " C"]) -> Float[Tensor, "C F"]:
    """The same of what ``center_pull`` found, in several processes their sums."""
    return pull / (1 + count)[:, None]


@torch.no_grad()
def center_pull(
    feature: Float[Tensor, "B F"], label: Int[Tensor, " _"], center: Float[Tensor, "C _"]
) -> tuple[Float[Tensor, "C F"], Float[Tensor, " C"]]:
    r"""What the step is made of: :math:`\sum_i [y_i = j] (c_j - x_i)` and the number of samples of each class.

    Both are sums, so those of several processes are added before they are divided. The first is the gradient of
    ``center_loss`` by the centers.

    Raises:
        ZooError: There is not one label for each feature, or the centers are of another width.
    """
    _check(feature, label, center)
    pull = torch.zeros_like(center).index_add(0, label, center[label] - feature)
    count = center.new_zeros(len(center)).index_add(0, label, center.new_ones(len(label)))
    return pull, count
