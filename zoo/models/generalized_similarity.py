"""Two branches and a measure: how far apart are things of two domains, say a picture and a drawing?

Sizes in shapes: B and D batches of the two domains, F features, N values of one thing of each.

Reference: Lin, Wang, Zuo, Feng and Zhang, "Cross-Domain Visual Matching via Generalized Similarity Measure and Feature
Learning", IEEE TPAMI 2016; slides D0:1457-1500 (erratum E48). It differs from the paper in that

- the branches share no layers, so that the domains may differ in size and kind; the paper's share their upper ones;
- the branches are small, two convolutions for pictures or one linear map, and their features may be scaled to one norm;
- Euclidean, cosine and bilinear measures can take the generalized one's place, for comparison on the same branches. Of features of one
  norm the squared Euclidean distance is the cosine, scaled and shifted: the same features rank alike by both, but do not train alike;
- of a batch's pairs the mean of those that belong together and the mean of the others count alike, where the paper sums over drawn ones.
"""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError, check_range
from zoo.layers.activation import ReLU
from zoo.layers.convolution import Conv2d
from zoo.layers.initialization import lecun_normal_
from zoo.layers.linear import Linear
from zoo.layers.pooling import MaxPool2d
from zoo.layers.similarity import MEASURES, FixedLength
from zoo.registry import register_model

Branch = Literal["identity", "linear", "convolutional"]
MeasureName = Literal["generalized", "euclidean", "cosine", "bilinear"]

_MAPS = (8, 16)
_KERNEL = 5


class GeneralizedSimilarityNet(nn.Module):
    """A branch for each domain, and a measure of their features: below zero where the two belong together.

    Args:
        x_shape: Shape of one thing of the first domain: ``(1, height, width)``, or ``(values,)``.
        y_shape: The same of the second.
        features: Number F of features of each branch.
        rank: Rows of each of the measure's factors.
        branch: ``convolutional`` takes pictures, of 16 x 16 at least; ``linear`` takes all; ``identity`` takes features that were
            made elsewhere, F of them.
        measure: ``generalized``, or one of those that it is compared with.
        fixed_length: Whether features are scaled to one norm.
    """

    def __init__(
        self,
        *,
        x_shape: Sequence[int],
        y_shape: Sequence[int],
        features: int,
        rank: int,
        branch: Branch,
        measure: MeasureName,
        fixed_length: bool = True,
    ) -> None:
        super().__init__()
        check_range("features", features, least=1)
        if measure not in MEASURES:
            raise ZooError(f"there is no measure {measure!r}; there are {', '.join(MEASURES)}")
        self.shapes = tuple(x_shape), tuple(y_shape)
        self.x_branch, self.y_branch = (_branch(shape, features, branch) for shape in self.shapes)
        if fixed_length:
            self.x_branch.append(FixedLength())
            self.y_branch.append(FixedLength())
        self.measure = MEASURES[measure](features, features, rank)

    def forward(self, pair: Float[Tensor, "B N"]) -> Float[Tensor, " B"]:
        """The distance of each pair, whose two parts are flattened and laid side by side as the slides' vectors are."""
        split = [math.prod(shape) for shape in self.shapes]
        x, y = (part.unflatten(1, shape) for part, shape in zip(pair.split(split, dim=1), self.shapes, strict=True))
        return self.measure(self.x_branch(x), self.y_branch(y))

    def table(self, x: Float[Tensor, "B *x"], y: Float[Tensor, "D *y"]) -> Float[Tensor, "B D"]:
        """The distance of every ``x`` to every ``y``; each goes through its branch once."""
        return self.measure.table(self.x_branch(x), self.y_branch(y))


def _branch(shape: Sequence[int], features: int, kind: Branch) -> nn.Sequential:
    if kind == "identity":
        if math.prod(shape) != features:
            raise ZooError(f"an identity passes on its {math.prod(shape)} values; features={features} must be as many")
        return nn.Sequential(nn.Flatten())
    if kind == "linear":
        return nn.Sequential(nn.Flatten(), _linear(math.prod(shape), features))
    if len(shape) != 3 or min(shape[1:]) < 16:
        raise ZooError(f"a convolutional branch takes pictures of 16 x 16 at least, not {tuple(shape)}; choose branch='linear'")
    branch, before = nn.Sequential(), shape[0]
    height, width = shape[1:]
    for maps in _MAPS:
        convolution = Conv2d(before, maps, kernel_size=_KERNEL)
        lecun_normal_(convolution, gain=math.sqrt(2.0))
        branch.extend([convolution, ReLU(), MaxPool2d(2)])
        before, height, width = maps, (height - _KERNEL + 1) // 2, (width - _KERNEL + 1) // 2
    return branch.extend([nn.Flatten(), _linear(before * height * width, features)])


def _linear(inputs: int, features: int) -> Linear:
    layer = Linear(inputs, features)
    lecun_normal_(layer)
    return layer


@register_model(example=lambda *, x_shape=(1, 28, 28), y_shape=(1, 16, 16), **_: torch.zeros(2, math.prod(x_shape) + math.prod(y_shape)))
def generalized_similarity(
    *,
    x_shape: Sequence[int] = (1, 28, 28),
    y_shape: Sequence[int] = (1, 16, 16),
    features: int = 16,
    rank: int = 16,
    branch: Branch = "convolutional",
    measure: MeasureName = "generalized",
    fixed_length: bool = True,
) -> GeneralizedSimilarityNet:
    """Two branches and the generalized similarity measure: MNIST's pictures against those of USPS unless told otherwise."""
    return GeneralizedSimilarityNet(
        x_shape=tuple(x_shape),
        y_shape=tuple(y_shape),
        features=features,
        rank=rank,
        branch=branch,
        measure=measure,
        fixed_length=fixed_length,
    )
