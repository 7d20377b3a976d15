"""Finding what was written: ink on a ground that is neither even nor dark, as on a photograph.

Sizes in shapes: h and w height and width, S side of the result.
"""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from PIL import Image, ImageFilter
from torch import Tensor

from zoo.data.pictures import Crop, to_tensor

_FAINTEST = 0.18  # share of its ground's light that ink must take; less is noise, or the light's own slope
_MAP = 256  # longer side, pixels, of the copy in which ink is told from ground


def frame_ink(picture: Image.Image, *, side: int, box: float) -> tuple[UInt8[Tensor, "1 S S"], Crop | None]:
    """Find the ink, scale its longer side to ``box`` of the square and put its centre of mass in the middle.

    This is how MNIST was made (20 of 28 pixels), so a photographed digit becomes what the model knows.

    Args:
        picture: Light ink on a dark ground.
        side: Side S of the result, pixels.
        box: Share of the side that the ink's longer side takes.

    Returns:
        The square, and what of the picture it shows; without ink a dark square of nothing.
    """
    picture = _ink_on_black(picture)
    ink = picture.getbbox()
    if ink is None:
        return to_tensor(Image.new("L", (side, side))), None
    cut = picture.crop(ink)
    scale = side * box / max(cut.size)
    cut = cut.resize((max(1, round(cut.width * scale)), max(1, round(cut.height * scale))), Image.Resampling.BICUBIC)
    grey = np.asarray(cut, np.float64)
    mass = grey.sum() or 1.0
    x = (grey.sum(0) @ np.arange(cut.width)) / mass
    y = (grey.sum(1) @ np.arange(cut.height)) / mass
    square = Image.new("L", (side, side))
    left = min(max(round((side - 1) / 2 - x), 0), side - cut.width)
    top = min(max(round((side - 1) / 2 - y), 0), side - cut.height)
    square.paste(cut, (left, top))
    wide, high = (ink[2] - ink[0]) / cut.width, (ink[3] - ink[1]) / cut.height  # pixels of the picture in one of the square
    first = ink[0] - left * wide, ink[1] - top * high
    return to_tensor(square), (*first, first[0] + side * wide, first[1] + side * high)


def _ink_on_black(picture: Image.Image) -> Image.Image:
    """The strokes alone, from 0 to 255: without the ground, which on a photograph is neither even nor dark.

    The ground is what a morphological opening leaves whose window is wider than any stroke. Ink takes a share of
    the light that its ground reflects, in sun and in shadow alike; what takes more than Otsu's threshold is ink,
    with the pixels beside it, which smooth its edge.
    """
    work = picture.copy()
    work.thumbnail((_MAP, _MAP), Image.Resampling.BOX)
    level = torch.from_numpy(np.asarray(work.filter(ImageFilter.MedianFilter(3)), np.float32))
    ground = _opening(level, window=max(work.size) // 4 | 1)
    share = (level - ground) / (255 - ground).clamp(min=1)
    share = (share - share.median()).clamp(0, 1)  # noise alone lifts every pixel above the smallest one around
    if share.max() < _FAINTEST:
        return Image.new("L", picture.size)
    byte = (share * 255).to(torch.uint8)
    ink = byte > _otsu(byte)
    near = F.max_pool2d(ink.float()[None], 3, stride=1, padding=1)[0]
    full = share[ink].quantile(0.5).clamp(min=1e-3)
    found = Image.fromarray(((share / full).clamp(max=1) * near * 255).byte().numpy())
    return found.resize(picture.size, Image.Resampling.BILINEAR)


def _opening(level: Float[Tensor, "h w"], *, window: int) -> Float[Tensor, "h w"]:
    """The largest of the smallest values around: takes away what is light and narrower than ``window``."""

    def dilated(x: Tensor) -> Tensor:
        across = F.max_pool2d(x[None], (1, window), stride=1, padding=(0, window // 2))
        return F.max_pool2d(across, (window, 1), stride=1, padding=(window // 2, 0))[0]

    return dilated(-dilated(-level))


def _otsu(level: UInt8[Tensor, "h w"]) -> int:
    """The grey level that splits the pixels with the largest variance between the two parts (Otsu 1979)."""
    count = level.flatten().bincount(minlength=256).double()
    below, mass = count.cumsum(0), (count * torch.arange(256)).cumsum(0)
    above, rest = below[-1] - below, mass[-1] - mass
    between = below * above * (mass / below.clamp(min=1) - rest / above.clamp(min=1)).square()
    return int(between.argmax())
