"""LeNets++, the digit reader of the center-loss paper, whose last features can be looked at: there are two of them.

Sizes in shapes: B batch, C classes, F features, S side of the picture.

Reference: Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face Recognition", ECCV 2016,
section 3.1 and Table 1; slide D0:1441. It differs from the paper in that

- the features are what the first full layer gives, without a PReLU behind it, so that they may lie anywhere in the plane;
- the scores have no biases: the directions of the classes alone tell them apart;
- weights start normal with He's gain for the PReLU's first slope of 1/4, where the paper names no start;
- in the plane the classes' directions start evenly spread: drawn at random, two may coincide, and to pass each other in the plane
  features must cross the classes between.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError, check_range
from zoo.layers.activation import PReLU
from zoo.layers.convolution import Conv2d
from zoo.layers.initialization import lecun_normal_
from zoo.layers.linear import Linear
from zoo.layers.pooling import MaxPool2d
from zoo.registry import register_model

WIDTHS = (32, 64, 128)
_SLOPE = 0.25  # with which the PReLUs start
_GAIN = math.sqrt(2 / (1 + _SLOPE**2))


class LeNetsPlusPlus(nn.Module):
    """Three stages of two 5 x 5 convolutions and a 2 x 2 max pooling, a full layer of features, and scores.

    Args:
        num_classes: Number of classes C.
        num_features: Number of features F; the paper draws two.
        side: Side S of the grey picture; each stage halves it, and a pixel must be left.
        widths: Maps of each stage.

    Raises:
        ZooError: A number is too small.
    """

    def __init__(self, *, num_classes: int = 10, num_features: int = 2, side: int = 28, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        check_range("the smallest of the widths", min(widths, default=0), least=1)
        if side < 2 ** len(widths):
            raise ZooError(
                f"{len(widths)} widths are that many stages, which halve a side of {side} to nothing; give fewer, or a larger side"
            )
        check_range("num_features", num_features, least=1)
        self.num_features = num_features
        self.features = nn.Sequential()
        for before, maps in zip((1, *widths), widths, strict=False):
            self.features.append(_stage(before, maps))
        self.features.append(nn.Flatten())
        self.embedding = Linear(widths[-1] * (side // 2 ** len(widths)) ** 2, num_features)
        lecun_normal_(self.embedding)
        self.reset_head(num_classes)

    def embed(self, image: Float[Tensor, "B 1 S S"]) -> Float[Tensor, "B F"]:
        """The features that center loss gathers around their class's center."""
        return self.embedding(self.features(image))

    def forward(self, image: Float[Tensor, "B 1 S S"]) -> Float[Tensor, "B C"]:
        # 28 -> stage 1: 14 -> stage 2: 7 -> stage 3: 3
        return self.head(self.embed(image))

    def reset_head(self, num_classes: int) -> None:
        """Put a fresh linear layer of ``num_classes`` scores on top of the features.

        Raises:
            ZooError: There is no class.
        """
        check_range("num_classes", num_classes, least=1)
        self.head = Linear(self.num_features, num_classes, bias=False)
        if self.num_features != 2:
            lecun_normal_(self.head)
        else:
            angles = [2 * math.pi * number / num_classes for number in range(num_classes)]
            with torch.no_grad():
                self.head.weight.copy_(torch.tensor([[math.cos(angle), math.sin(angle)] for angle in angles]))


def _stage(before: int, maps: int) -> nn.Sequential:
    """Two convolutions that keep the picture's size, and a pooling that halves it."""
    stage = nn.Sequential()
    for fan_in in (before, maps):
        convolution = Conv2d(fan_in, maps, kernel_size=5)
        lecun_normal_(convolution, gain=_GAIN)
        stage.extend([nn.ZeroPad2d(2), convolution, PReLU(maps, init=_SLOPE)])
    return stage.append(MaxPool2d(2))


@register_model(example=lambda *, side=28, **_: torch.zeros(2, 1, side, side))
def center_loss(*, num_classes: int = 10, num_features: int = 2, side: int = 28, widths: Sequence[int] = WIDTHS) -> LeNetsPlusPlus:
    """LeNets++ for grey pictures: 798,000 parameters at ten classes, and two features to look at."""
    return LeNetsPlusPlus(num_classes=num_classes, num_features=num_features, side=side, widths=tuple(widths))
