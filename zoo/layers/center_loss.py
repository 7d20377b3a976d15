"""Center loss with its centers, which move by a rule of their own.

Sizes in shapes: B batch, C classes, F features.
"""

from typing import Literal

import torch
import torch.distributed as dist
from jaxtyping import Float, Int
from torch import Tensor, nn

from zoo.errors import ZooError, check_range
from zoo.functions.center_loss import center_loss, center_pull, center_step


class CenterLoss(nn.Module):
    """Half the mean squared distance of features to their class's center.

    The centers are a parameter that no gradient reaches: ``direct`` writes their direction into ``.grad`` for an optimiser of
    their own, plain SGD without momentum or weight decay, whose rate is the paper's alpha. How much the loss weighs in
    the network's (the paper's lambda) does not touch them. In several processes the direction is that of all their samples.

    Args:
        num_classes: Number of classes C, two at least.
        num_features: Length F of a feature.
        update: ``paper``: a class's summed distance over one more than its count. ``gradient``: that of this loss, its summed
            distance over the batch size.

    Raises:
        ZooError: A number is too small, or there is no such update.

    References:
        Wen et al., ECCV 2016, equations 2 to 4; MATHS.md (24).
    """

    def __init__(self, num_classes: int, num_features: int, *, update: Literal["paper", "gradient"] = "paper") -> None:
        super().__init__()
        check_range("num_classes", num_classes, least=2)
        check_range("num_features", num_features, least=1)
        if update not in ("paper", "gradient"):
            raise ZooError(f"there is no update {update!r} of the centers; there are paper, gradient")
        self.update = update
        self.center = nn.Parameter(torch.zeros(num_classes, num_features), requires_grad=False)

    def forward(self, feature: Float[Tensor, "B F"], label: Int[Tensor, " B"]) -> Float[Tensor, ""]:
        return center_loss(feature.to(self.center.dtype), self._checked(label), self.center) / max(len(label), 1)

    @torch.no_grad()
    def direct(self, feature: Float[Tensor, "B F"], label: Int[Tensor, " B"]) -> None:
        """Set ``center.grad`` to the direction that the centers go against."""
        pull, count = center_pull(feature.to(self.center.dtype), self._checked(label), self.center)
        if dist.is_initialized():
            dist.all_reduce(pull)
            dist.all_reduce(count)
        self.center.grad = center_step(pull, count) if self.update == "paper" else pull / count.sum().clamp(min=1)

    def _checked(self, label: Tensor) -> Tensor:
        """Refuse labels that have no center.

        Raises:
            ZooError: With the label and the number of classes.
        """
        if label.numel():
            least, most = label.aminmax()
            if least < 0 or most >= len(self.center):
                worst = int(least) if least < 0 else int(most)
                raise ZooError(f"label {worst}: there are centers of {len(self.center)} classes, 0 to {len(self.center) - 1}")
        return label
