"""Pictures of any kind and size, made into grey arrays of light ink on a dark ground.

Sizes in shapes: h and w height and width, S side of the result.
"""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError
from torch import Tensor

from zoo.errors import ZooError

logging.getLogger("PIL").addHandler(logging.NullHandler())  # what it cannot read is an error here, said once

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}
_FAINTEST = 0.18  # share of its ground's light that ink must take; less is noise, or the light's own slope
_SMALL, _DENSEST = 1 << 22, 4000  # pixels that any file may claim; beyond them, pixels a byte, more than GIF packs of a blank page
_MAP = 256  # longer side, pixels, of the copy in which ink is told from ground


@dataclass(frozen=True)
class Picture:
    """A grey picture, light on dark, and whether it had to be inverted to be so."""

    image: Image.Image
    inverted: bool


def read_picture(path: Path) -> Picture:
    """Read a picture file: colour becomes grey, transparency the ground that the ink was meant for, and dark on light is inverted.

    The border decides what is ground: if its median is light, the ink is dark.

    Raises:
        ValueError: The file is missing, is no picture, is truncated, or is unreasonably large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow thinks of a damaged file's fringes
            warnings.simplefilter("error", Image.DecompressionBombWarning)  # raised on the size that the file announces
            with Image.open(path) as file:
                _check_claim(file, path)
                grey = _grey(file)
    except ZooError:
        raise
    except IsADirectoryError as error:
        raise ZooError(f"{path}: this is a folder; name the pictures in it") from error
    except FileNotFoundError as error:
        raise ZooError(f"{path}: there is no such file") from error
    except UnidentifiedImageError as error:
        raise ZooError(f"{path}: not a picture in a format that is known (PNG, JPEG, BMP, GIF, TIFF, WebP, ...)") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ZooError(f"{path}: too large a picture ({error})") from error
    except Exception as error:  # Pillow's decoders raise whatever their code runs into on a damaged file
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ZooError(f"{path}: the picture cannot be read ({reason})") from error
    inverted = _border_median(grey) > 127
    return Picture(ImageOps.invert(grey) if inverted else grey, inverted)


def frame_whole(picture: Image.Image, *, side: int) -> UInt8[Tensor, "1 S S"]:
    """Fit the whole picture into a square, keeping its proportions; the rest is dark."""
    return _tensor(ImageOps.pad(picture, (side, side), Image.Resampling.BILINEAR, color=0))


def frame_ink(picture: Image.Image, *, side: int, box: float) -> UInt8[Tensor, "1 S S"]:
    """Find the ink, scale its longer side to ``box`` of the square and put its centre of mass in the middle.

    This is how MNIST was made (20 of 28 pixels), so a photographed digit becomes what the model knows.

    Args:
        picture: Light ink on a dark ground.
        side: Side S of the result, pixels.
        box: Share of the side that the ink's longer side takes.
    """
    picture = _ink_on_black(picture)
    ink = picture.getbbox()
    if ink is None:
        return _tensor(Image.new("L", (side, side)))
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
    return _tensor(square)


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


def _check_claim(image: Image.Image, path: Path) -> None:
    """Refuse a size, before memory is taken for it, that so few bytes cannot have come from."""
    pixels, size = image.width * image.height, path.stat().st_size
    if pixels > max(_SMALL, _DENSEST * size):
        raise ZooError(f"{path}: its header claims {image.width}x{image.height} pixels, too many for a file of {size:,} bytes")


def _grey(image: Image.Image) -> Image.Image:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _scaled(np.asarray(image, np.float32))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "black" if _light_ink(image) else "white")
        image = Image.alpha_composite(ground, image)
    return image.convert("L")


def _scaled(level: np.ndarray) -> Image.Image:
    """Grey of more than eight bits, whose largest value is full light; nothing, or what is below it, is none."""
    if not np.isfinite(level).all():
        raise ValueError("it holds values that are no numbers")
    level = level - min(float(level.min()), 0.0)
    return Image.fromarray(np.rint(level * (255 / (float(level.max()) or 1.0))).astype(np.uint8))


def _light_ink(rgba: Image.Image) -> bool:
    """Whether what is opaque is light, and so was meant for a dark ground."""
    opaque = np.asarray(rgba)[..., 3] > 127
    return bool(opaque.any()) and float(np.asarray(rgba.convert("L"))[opaque].mean()) > 127


def _border_median(grey: Image.Image) -> float:
    level = np.asarray(grey)
    return float(np.median(np.concatenate([level[0], level[-1], level[:, 0], level[:, -1]])))


def _tensor(image: Image.Image) -> UInt8[Tensor, "1 S S"]:
    return torch.from_numpy(np.asarray(image).copy())[None]
