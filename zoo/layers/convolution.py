"""Convolution with the zoo's gradients."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from zoo.functions.convolution import conv2d
from zoo.functions.true_convolution import convolve2d


class Conv2d(nn.Conv2d):
    """``nn.Conv2d`` (stride 1), on the zoo's own function; weights move both ways.

    Args:
        in_channels: Number of input maps.
        out_channels: Number of output maps.
        kernel_size: Side of the square kernels.
        padding: Zeros around the input, on each side.
        bias: Whether every output map has one.
    """

    bias: Tensor | None

    def __init__(self, in_channels: int, out_channels: int, *, kernel_size: int, padding: int = 0, bias: bool = True) -> None:
        super().__init__(in_channels, out_channels, kernel_size, padding=padding, bias=bias)
        self.margins = (padding,) * 4

    def forward(self, x: Float[Tensor, "B I H W"]) -> Float[Tensor, "B O H2 W2"]:
        return conv2d(self._padded(x), self.weight, self.bias)

    def _padded(self, x: Float[Tensor, "B I H W"]) -> Float[Tensor, "B I H3 W3"]:
        return F.pad(x, self.margins) if any(self.margins) else x


class Convolve2d(Conv2d):
    """True convolution: the names and shapes of ``nn.Conv2d``, with the kernels flipped.

    A kernel moves between the two turned by 180 degrees.
    """

    def forward(self, x: Float[Tensor, "B I H W"]) -> Float[Tensor, "B O H2 W2"]:
        return convolve2d(self._padded(x), self.weight, self.bias)
