"""Points that say what they are by one another: what a self-expressive completion keeps.

Sizes in shapes: N points, D dimensions, B batch.
Reference: Elhamifar, "High-Rank Matrix Completion and Clustering under Self-Expressive Models", NIPS 2016 (slide D0:1453).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from zoo.registry import register_model


class SelfExpression(nn.Module):
    """Points, and the combination of the others that makes each.

    Args:
        points: Number of points N.
        dimensions: Of the space they lie in, D.
    """

    def __init__(self, *, points: int = 20, dimensions: int = 8) -> None:
        super().__init__()
        self.point = nn.Parameter(torch.randn(points, dimensions))
        self.coefficient = nn.Parameter(torch.randn(points, points) / points)

    def forward(self, number: Int[Tensor, " B"]) -> Float[Tensor, "B D"]:
        """The points of these numbers, as the others express them: no point counts for itself."""
        coefficient = self.coefficient[number].scatter(1, number[:, None], 0)
        return coefficient @ self.point


@register_model(example=lambda **_: torch.arange(4))
def self_expression(*, points: int = 20, dimensions: int = 8) -> SelfExpression:
    """Points in a union of subspaces, each a combination of the others."""
    return SelfExpression(points=points, dimensions=dimensions)
