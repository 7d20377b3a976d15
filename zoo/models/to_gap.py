"""VGG and AlexNet with a global-average-pooling head in the place of their dense layers: ``torchvision-gap/vgg16``.

These names are for fine-tuning: the convolutions begin with torchvision's weights, and what stands on them has learnt nothing yet.

Sizes in shapes: B batch, C classes, H and W height and width of a picture.

Reference: Zhou et al., CVPR 2016, section 3.1.
"""

import functools
from dataclasses import replace
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError, did_you_mean
from zoo.layers.activation import ReLU
from zoo.layers.convolution import Conv2d
from zoo.layers.initialization import lecun_normal_
from zoo.layers.linear import Linear
from zoo.layers.pooling import GlobalAveragePool
from zoo.models.torchvision_classifier import TorchvisionClassifier
from zoo.registry import Entry, Family, Trained, load_trained, register_family

_UNITS = 1024  # maps that the paper puts before the pooling
_PREFIX = "torchvision-gap/"
_VGG = {"vgg11": "A", "vgg13": "B", "vgg16": "D", "vgg19": "E"}  # columns of the table in the paper on VGG
_NAMES = ("alexnet", *_VGG, *(f"{name}_bn" for name in _VGG))


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
        model: The network, as torchvision or ``zoo.get_model("torchvision/NAME")`` gives it; its features are shared, not copied.
        num_classes: Number of classes C.

    Raises:
        ZooError: The network is none of these.
    """
    network = model.network if isinstance(model, TorchvisionClassifier) else model
    features = getattr(network, "features", None)
    if not (isinstance(features, nn.Sequential) and isinstance(features[-1], nn.MaxPool2d)):
        raise ZooError(f"{type(network).__name__} has no features that end in max pooling; to_gap takes torchvision's VGG and AlexNet")
    return _with_pooling(features, num_classes=num_classes)


def _with_pooling(features: nn.Sequential, *, num_classes: int) -> GapClassifier:
    maps = [module.out_channels for module in features if isinstance(module, nn.Conv2d)][-1]
    return GapClassifier(features[:-1], maps=maps, num_classes=num_classes)


def _build(name: str, *, num_classes: int = 1000) -> GapClassifier:
    return _with_pooling(_features(name), num_classes=num_classes)


def _features(name: str) -> nn.Sequential:
    """Torchvision's layers before the dense ones, which it cannot build by themselves and which hold most of the weights."""
    from torchvision.models.vgg import cfgs, make_layers

    if name != "alexnet":
        return make_layers(cfgs[_VGG[name.removesuffix("_bn")]], batch_norm=name.endswith("_bn"))
    return nn.Sequential(
        nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(64, 192, kernel_size=5, padding=2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(192, 384, kernel_size=3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, kernel_size=3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(256, 256, kernel_size=3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(kernel_size=3, stride=2),
    )


def _entry(name: str) -> Entry:
    """Builder and example of ``torchvision-gap/NAME``."""
    inner = name.removeprefix(_PREFIX)
    if inner not in _NAMES:
        raise ZooError(f"there is no {name}; {did_you_mean(inner, _NAMES, otherwise='there are ' + ', '.join(_NAMES))}")
    return Entry(functools.partial(_build, inner), lambda **_: torch.zeros(2, 3, 224, 224))


def _load(name: str, weights: Path | None) -> Trained:
    """The network with the convolutions of torchvision's weights, downloaded or of a file, and nothing to tell apart yet."""
    _entry(name)  # says what is wrong with a name
    start = load_trained(f"torchvision/{name.removeprefix(_PREFIX)}", weights=weights)
    model = to_gap(start.model, num_classes=len(start.meta.labels))
    parameters = sum(parameter.numel() for parameter in model.parameters())
    # Without labels it can be fine-tuned and not be asked: its scores are chance.
    return Trained(model.eval(), replace(start.meta, name=name, arch=name, labels=[], parameters=parameters), start.transform)


register_family(_PREFIX, Family(_entry, _load))
