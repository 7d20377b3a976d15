"""The convolutional network of DeepLearnToolbox, which deck D4 walks through.

Sizes in shapes: B batch, S side of the picture, C classes.

Reference: R. B. Palm, "Prediction as a candidate for learning deep hierarchical models of data", 2012, and its MATLAB code;
slides D4:362-490 (``cnnsetup``), D4:567-600 and D4:963-975 (``cnnff``), D4:979-1142 (``cnnbp``). What is peculiar to it:

- true convolution: the kernels are flipped;
- pooling is the plain mean, without a squashing function, a weight or a bias (slide D0:1117 has all three: erratum E24;
  ``cnnsetup`` gives pooling layers a bias that nothing uses: E40);
- every output map sees every input map (E17);
- maps are flattened column by column, MATLAB's order (E43), so that weights saved by the toolbox fit as they are;
- the toolbox keeps MNIST's pictures transposed, so that a network trained there wants ``image.mT``.

In ``cnnbp`` deltas belong to the loss summed over the batch and gradients to its mean.
It differs from the toolbox in that ``forward`` returns the scores before the last sigmoid, which is part of the loss.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.layers.activation import ACTIVATIONS
from zoo.layers.convolution import Convolve2d
from zoo.layers.linear import Linear
from zoo.layers.pooling import AvgPool2d
from zoo.registry import register_model


class DeepLearnToolboxCNN(nn.Module):
    """Convolution, sigmoid and mean pooling in turn over a square grey picture, then one full layer.

    Layers carry the toolbox's numbers; number 1 is the picture.

    Args:
        num_classes: Number of classes C.
        side: Side S of the picture, in pixels.
        maps: Output maps of each convolution.
        kernels: Side of each convolution's kernels.
        scales: Side of each pooling's windows.

    Raises:
        ZooError: Windows that do not divide the maps without a remainder, which ``cnnsetup`` asserts, or options of
            different lengths.
    """

    def __init__(
        self,
        *,
        num_classes: int = 10,
        side: int = 28,
        maps: Sequence[int] = (6, 12),
        kernels: Sequence[int] = (5, 5),
        scales: Sequence[int] = (2, 2),
    ) -> None:
        super().__init__()
        if not len(maps) == len(kernels) == len(scales) > 0:
            raise ZooError(f"maps {maps}, kernels {kernels} and scales {scales} need as many numbers each, one a convolution")
        self.features = nn.Sequential()
        inputs = 1
        for number, (outputs, kernel, scale) in enumerate(zip(maps, kernels, scales, strict=True), start=1):
            conv = Convolve2d(inputs, outputs, kernel_size=kernel)
            _cnnsetup(conv)
            self.features.add_module(f"c{2 * number}", conv)
            self.features.add_module(f"c{2 * number}_squash", ACTIVATIONS["sigmoid"]())
            self.features.add_module(f"s{2 * number + 1}", AvgPool2d(scale))
            inputs, side = outputs, _next_side(side, kernel, scale)
        self.num_features = inputs * side**2
        self.reset_head(num_classes)

    def forward(self, image: Float[Tensor, "B 1 S S"]) -> Float[Tensor, "B C"]:
        # 28 -> c2 24 -> s3 12 -> c4 8 -> s5 4
        feature = self.features(image).mT.flatten(1)  # column by column
        return self.head(feature)

    def reset_head(self, num_classes: int) -> None:
        """Put a fresh layer of ``num_classes`` scores on the last maps."""
        self.head = Linear(self.num_features, num_classes)
        _cnnsetup(self.head)


def _cnnsetup(layer: Convolve2d | nn.Linear) -> None:
    """Uniform in +-sqrt(6 / (fan_in + fan_out)), biases zero: the toolbox's start is Glorot's (slide D4:376-381, erratum E39)."""
    assert layer.bias is not None, "all of the toolbox's layers have biases"
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)


def _next_side(side: int, kernel: int, scale: int) -> int:
    """Side of the maps behind a convolution and a pooling."""
    convolved = side - kernel + 1
    if convolved < 1 or convolved % scale:
        raise ZooError(
            f"maps of side {side} under kernels of side {kernel} have side {convolved}, which windows of side {scale} do not divide "
            "(erratum E37); choose other kernels, scales or pictures"
        )
    return convolved // scale


@register_model(example=lambda: torch.zeros(2, 1, 28, 28))
def deep_learn_toolbox_cnn(
    *,
    num_classes: int = 10,
    side: int = 28,
    maps: Sequence[int] = (6, 12),
    kernels: Sequence[int] = (5, 5),
    scales: Sequence[int] = (2, 2),
) -> DeepLearnToolboxCNN:
    """DeepLearnToolbox's 6c-2s-12c-2s network for 28 x 28 grey pictures: 3,898 parameters."""
    return DeepLearnToolboxCNN(num_classes=num_classes, side=side, maps=tuple(maps), kernels=tuple(kernels), scales=tuple(scales))
