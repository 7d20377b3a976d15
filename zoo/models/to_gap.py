"""VGG and AlexNet with a global-average-pooling head in the place of their dense layers.

Sizes in shapes: B batch, C classes, H and W height and width of a picture.

Reference: Zhou et al., CVPR 2016, section 3.1.
"""

from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.layers.activation import ReLU
from zoo.layers.convolution import Conv2d
from zoo.layers.initialization import lecun_normal_
from zoo.layers.linear import Linear
from zoo.layers.pooling import GlobalAveragePool

_UNITS = 1024  # maps that the paper puts before the pooling


class GapClassifier(nn.Module):
    """Convolutional features, one more convolution, global average pooling, one linear layer.

    Args:
        features: Takes pictures to maps.
        maps: How many.
        num_classes: Number of classes C.
    """

    def __init__(self, features: nn.Module, *, maps: int, num_classes: int) -> None:
        super().__init__()
        self.features = features
        self.conv, self.relu = Conv2d(maps, _UNITS, kernel_size=3, padding=1), ReLU()
        self.pool = GlobalAveragePool()
        lecun_normal_(self.conv, gain=2**0.5)
        self.reset_head(num_classes)

    def forward(self, image: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B C"]:
        return self.head(self.pool(self.relu(self.conv(self.features(image)))))

    def reset_head(self, num_classes: int) -> None:
        """Put a fresh linear layer of ``num_classes`` scores on the pooled maps."""
        self.head = Linear(_UNITS, num_classes)
        lecun_normal_(self.head)


def to_gap(model: nn.Module, *, num_classes: int = 1000) -> GapClassifier:
    """Swap the dense head of torchvision's VGG or AlexNet for a convolution, global average pooling and one linear layer.

    As in the paper, the last pooling goes as well, which doubles the maps' resolution. The convolutions keep their
    weights; the new layers have to be trained.

    Args:
        model: The network; its features are shared, not copied.
        num_classes: Number of classes C.

    Raises:
        ZooError: The network is none of these.
    """
    features = getattr(model, "features", None)
    if not (isinstance(features, nn.Sequential) and isinstance(features[-1], nn.MaxPool2d)):
        raise ZooError(f"{type(model).__name__} has no features that end in max pooling; to_gap takes torchvision's VGG and AlexNet")
    maps = [module.out_channels for module in features if isinstance(module, nn.Conv2d)][-1]
    return GapClassifier(features[:-1], maps=maps, num_classes=num_classes)
