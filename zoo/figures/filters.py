"""The slides' filter demonstrations: fixed kernels, stride, padding and poolings on one grey picture.

Sizes in shapes: H and W height and width, h and w those of the result.

References:
    Slides D0:1018-1095 (figures 2-12 to 2-19), whose kernels and pictures follow Karn, "An intuitive explanation of
    convolutional neural networks", 2016.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from zoo.errors import ZooError, check_range
from zoo.figures.canvas import new_figure
from zoo.functions.convolution import conv2d
from zoo.functions.max_pooling import max_pool
from zoo.functions.mean_pooling import mean_pool

_PANEL = 2.2  # inches

KERNELS: dict[str, Float[Tensor, "3 3"]] = {
    "identity": torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "edge detection 1": torch.tensor([[1.0, 0, -1], [0, 0, 0], [-1, 0, 1]]),
    "edge detection 2": torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "edge detection 3": torch.tensor([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    "sharpen": torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "box blur": torch.ones(3, 3) / 9,
    "Gaussian blur": torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
}


def correlate(picture: Float[Tensor, "H W"], kernel: Float[Tensor, "K L"], *, stride: int = 1, padding: int = 0) -> Float[Tensor, "h w"]:
    """Slide a kernel over a picture; each of the slides' is its own half turn, so that flipping it is no matter.

    Args:
        picture: Grey levels.
        kernel: Weights.
        stride: Step of the kernel, pixels.
        padding: Zeros around the picture, pixels.

    Raises:
        ZooError: A stride below one, a negative padding, or a kernel larger than the padded picture.
    """
    check_range("stride", stride, least=1)
    check_range("padding", padding, least=0)
    padded = F.pad(picture, (padding,) * 4)
    out = conv2d(padded[None, None], kernel[None, None].to(picture.dtype), picture.new_zeros(1))
    return out[0, 0, ::stride, ::stride]


def pooled(picture: Float[Tensor, "H W"], *, kind: Literal["max", "average", "sum"], size: int = 2) -> Float[Tensor, "h w"]:
    """The largest, the mean or the sum of every window of ``size`` by ``size`` pixels; windows do not overlap."""
    if kind not in ("max", "average", "sum"):
        raise ZooError(f"there is no pooling {kind!r}; there are max, average and sum")
    if kind == "max":
        return max_pool(picture[None, None], size=size)[0, 0]
    mean = mean_pool(picture[None, None], size=size)[0, 0]
    return mean * size**2 if kind == "sum" else mean


def worked_example() -> tuple[Float[Tensor, "5 5"], Float[Tensor, "3 3"], Float[Tensor, "3 3"]]:
    """Picture, kernel and result of figures 2-12 to 2-14."""
    picture = torch.tensor([[1.0, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
    kernel = torch.tensor([[1.0, 0, 1], [0, 1, 0], [1, 0, 1]])
    return picture, kernel, correlate(picture, kernel)


def filtered_pictures(pictures: list[tuple[str, Float[Tensor, "_ _"]]], *, columns: int) -> Figure:
    """Grey pictures of any sizes in rows, each under its title; levels below 0 are black, above 1 white."""
    rows, (high, wide) = -(-len(pictures) // columns), pictures[0][1].shape
    figure = new_figure(width=_PANEL * columns, height=(_PANEL * min(max(high / wide, 0.3), 3) + 0.3) * rows)
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in panels:
        axes.set_axis_off()
    for axes, (title, picture) in zip(panels, pictures, strict=False):
        axes.imshow(picture.numpy(), cmap="gray", vmin=0, vmax=1)
        axes.set_title(title, fontsize=8, parse_math=False)
    return figure
