"""What people look like, in numbers: colours and textures of horizontal stripes, wherever in the stripe they are.

Sizes in shapes: N pictures, H and W height and width, D numbers a picture.

A simple form of the features of Liao et al., "Person Re-identification by Local Maximal Occurrence Representation and
Metric Learning", CVPR 2015, section 3: histograms in overlapping windows, of which each stripe keeps the largest count of
every bin, at three scales. Without their Retinex, which evens out the light.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from torch import Tensor

_LEVELS = 8  # of each colour channel; bins are triples of them
_CELL = 5  # pixels; a window is two cells wide and high, and the next begins a cell further
_SCALES = 3
_TOLERANCE = 0.3  # share by which a neighbour must be lighter or darker to count as such
_CHUNK = 16


def stripe_features(image: UInt8[Tensor, "N 3 H W"]) -> Float[Tensor, "N D"]:
    """Logarithmic histograms of colour and texture; each kind has unit length."""
    return torch.cat([_features(chunk.float() / 255) for chunk in image.split(_CHUNK)])


def _features(rgb: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N D"]:
    colors, textures = [], []
    for _ in range(_SCALES):
        colors.append(_largest_counts(_color_bins(rgb), _LEVELS**3))
        textures += [_largest_counts(_texture_bins(rgb.mean(1), reach), 3**4) for reach in (3, 5)]
        rgb = F.avg_pool2d(rgb, 2)
    return torch.cat([F.normalize(torch.cat(kind, 1).log1p(), dim=1) for kind in (colors, textures)], 1)


def _color_bins(rgb: Float[Tensor, "N 3 H W"]) -> Int[Tensor, "N H W"]:
    """Hue, saturation and value, in so many levels each."""
    value, least = rgb.amax(1), rgb.amin(1)
    spread = value - least
    red, green, blue = rgb.unbind(1)
    safe = spread.clamp(min=1e-6)
    hue = torch.where(
        value == red, (green - blue) / safe % 6, torch.where(value == green, (blue - red) / safe + 2, (red - green) / safe + 4)
    )
    levels = [hue / 6, spread / value.clamp(min=1e-6), value]
    whole = [(level * _LEVELS).long().clamp(0, _LEVELS - 1) for level in levels]
    return (whole[0] * _LEVELS + whole[1]) * _LEVELS + whole[2]


def _texture_bins(grey: Float[Tensor, "N H W"], reach: int) -> Int[Tensor, "N H W"]:
    """Whether the pixels to the four sides are lighter, darker or alike: scale-invariant local ternary patterns."""
    padded = F.pad(grey[:, None], [reach] * 4, mode="replicate")[:, 0]
    height, width = grey.shape[1:]
    code = torch.zeros_like(grey, dtype=torch.long)
    for down, right in ((0, reach), (2 * reach, reach), (reach, 0), (reach, 2 * reach)):
        side = padded[:, down : down + height, right : right + width]
        code = 3 * code + (side > (1 + _TOLERANCE) * grey) + 2 * (side < (1 - _TOLERANCE) * grey)
    return code


def _largest_counts(bin_: Int[Tensor, "N H W"], bins: int) -> Float[Tensor, "N D"]:
    """How often each bin occurs in a window, the largest of the windows of a stripe.

    Windows are two by two cells, so each pixel is counted once.
    """
    rows, columns = (side // _CELL for side in bin_.shape[1:])
    cells = bin_[:, : rows * _CELL, : columns * _CELL].unflatten(2, (columns, _CELL)).unflatten(1, (rows, _CELL))
    cells = cells.permute(0, 1, 3, 2, 4).flatten(3)  # N rows columns pixels
    count = torch.zeros(*cells.shape[:3], bins).scatter_add_(3, cells, torch.ones_like(cells, dtype=torch.float))
    tall = count[:, 1:] + count[:, :-1]
    return (tall[:, :, 1:] + tall[:, :, :-1]).amax(2).flatten(1)
