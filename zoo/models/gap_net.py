"""A small network with a global-average-pooling head, whose class activation maps fit tightly around an object.

Sizes in shapes: B batch, I channels, H and W height and width of the picture, C classes.

Reference: the head of Zhou et al., "Learning deep features for discriminative localization", CVPR 2016, section 2, after
Lin, Chen and Yan, "Network in network", ICLR 2014; slides D0:1151 and D0:1335-1360. The paper puts it on AlexNet, VGG and
GoogLeNet; this network differs from them in that

- it is small, and normalises batches: a picture of 96 x 96 gives maps of 24 x 24;
- what is recognised at a stride of 8 is averaged over 3 x 3 places, so that no part of an object speaks much louder than another;
  without that the maps grew the more peaked the longer was trained, and at 20 % of their maximum boxes lost parts of their objects;
- these blurred maps, which reach beyond an object's edges, are multiplied by a gate between 0 and 1 that sees 4 x 4 pixels and no more:
  where there is nothing to see, no class has evidence. A gate has no bias, so that it is shut on the background (zero after
  ``InputTransform``), and saturates, so that all strokes of an object count alike. So the paper's box, cut where a map falls to 20 % of
  its maximum, fits tightly. A gate that saw the surroundings as well, or could learn a bias, opened beside narrow strokes, and boxes
  around ones came out too wide.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from zoo.layers.activation import ReLU, Tanh
from zoo.layers.convolution import Conv2d
from zoo.layers.initialization import lecun_normal_
from zoo.layers.linear import Linear
from zoo.layers.pooling import GlobalAveragePool, MaxPool2d
from zoo.registry import register_model

_STRIDE = 8  # pixels of the picture that a place of the deepest maps stands for
_MAPS = 48  # that are pooled


class GapNet(nn.Module):
    """Evidence at stride 8, gated at stride 4, averaged over the whole picture, and weighed.

    Args:
        num_classes: Number of classes C.
        channels: Number of channels I.
    """

    def __init__(self, *, num_classes: int = 10, channels: int = 1) -> None:
        super().__init__()
        self.blocks = nn.PixelUnshuffle(4)
        self.stem = nn.Sequential(*_block(16 * channels, 24), *_block(24, 32))
        self.deep = nn.Sequential(MaxPool2d(2), *_block(32, 64), *_block(64, 64), Conv2d(64, _MAPS, kernel_size=1))
        self.evidence = nn.Sequential(nn.BatchNorm2d(_MAPS), ReLU())
        self.gate = nn.Sequential(Conv2d(16 * channels, _MAPS, kernel_size=1, bias=False), ReLU(), Tanh())
        self.gated = nn.Identity()  # a name for what is pooled
        self.pool = GlobalAveragePool()
        for layer in self.modules():
            if isinstance(layer, Conv2d):
                lecun_normal_(layer, gain=math.sqrt(2))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a sixth quicker to train on a processor
        self.reset_head(num_classes)

    def forward(self, image: Float[Tensor, "B I H W"]) -> Float[Tensor, "B C"]:
        return self.head(self.pool(self.features(image)))

    def features(self, image: Float[Tensor, "B I H W"]) -> Float[Tensor, "B 48 _ _"]:
        """The maps that are pooled, of a quarter of the picture's sides; sides that are no multiples of 8 are stretched to the next."""
        height, width = (-(-side // _STRIDE) * _STRIDE for side in image.shape[2:])
        if (height, width) != image.shape[2:]:
            image = F.interpolate(image, (height, width), mode="bilinear")
        pixels = self.blocks(image)
        evidence = self.evidence(self.deep(self.stem(pixels)))
        far = F.avg_pool2d(evidence, 3, stride=1, padding=1, count_include_pad=False)
        return self.gated(self.gate(pixels) * F.interpolate(far, scale_factor=2.0, mode="bilinear"))

    def reset_head(self, num_classes: int) -> None:
        """Put a fresh linear layer of ``num_classes`` scores on the pooled maps."""
        self.head = Linear(_MAPS, num_classes)
        lecun_normal_(self.head)


def _block(fan_in: int, fan_out: int) -> tuple[nn.Module, nn.Module, nn.Module]:
    return Conv2d(fan_in, fan_out, kernel_size=3, padding=1), nn.BatchNorm2d(fan_out), ReLU()


@register_model(example=lambda *, channels=1, **_: torch.zeros(2, channels, 32, 32))
def gap_net(*, num_classes: int = 10, channels: int = 1) -> GapNet:
    """A small all-convolutional network for class activation maps, for pictures of any size."""
    return GapNet(num_classes=num_classes, channels=channels)
