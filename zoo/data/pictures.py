"""Pictures of any kind and size, made into grey arrays of light ink on a dark ground, or into colours as they are.

Sizes in shapes: h and w height and width, S side of the result, I channels.
"""

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from zoo.bounded_read import open_bounded
from zoo.errors import ZooError

logging.getLogger("PIL").addHandler(logging.NullHandler())  # what it cannot read is an error here, said once

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")  # Pillow knows others that start programs
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}
_LARGEST = 1 << 28  # bytes of a file
_SIXTEEN_TO_EIGHT = 257  # 65,535 becomes 255
_SMALL, _DENSEST = 1 << 22, 4000  # pixels that any file may claim; beyond them, pixels a byte, more than GIF packs of a blank page

Crop = tuple[float, float, float, float]
"""What a frame shows, (left, top, right, bottom) in pixels of the upright picture; may reach beyond it."""


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
    grey = _decoded(path, _grey)
    inverted = _border_median(grey) > 127
    return Picture(ImageOps.invert(grey) if inverted else grey, inverted)


def read_colour(path: Path) -> Image.Image:
    """Read a picture file as RGB, as it is; what is transparent becomes white.

    Raises:
        ValueError: As ``read_picture``.
    """
    return _decoded(path, _colour)


def _decoded(path: Path, convert: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Open, turn upright as the camera's note says, and convert."""
    if path.is_dir():
        raise ZooError(f"{path}: this is a folder; name the pictures in it")
    try:
        packed, size = open_bounded(path, _LARGEST)
    except FileNotFoundError as error:
        raise ZooError(f"{path}: there is no such file") from error
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror})") from error
    with packed:
        try:
            return _decode(packed, size, convert)
        except UnidentifiedImageError as error:
            raise ZooError(f"{path}: not a picture in a format that is known (PNG, JPEG, BMP, GIF, TIFF, WebP, ...)") from error
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise ZooError(f"{path}: too large a picture ({error})") from error
        except Exception as error:  # Pillow's decoders raise whatever their code runs into on a damaged file
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ZooError(f"{path}: the picture cannot be read, before byte {packed.tell()} ({reason})") from error


def _decode(packed: BufferedReader, size: int, convert: Callable[[Image.Image], Image.Image]) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Pillow thinks of a damaged file's fringes
        warnings.simplefilter("error", Image.DecompressionBombWarning)  # raised on the size that the file announces
        with Image.open(packed, formats=_FORMATS) as image:
            pixels = image.width * image.height
            if pixels > max(_SMALL, _DENSEST * size):  # before memory is taken for what so few bytes cannot hold
                raise ValueError(f"its header claims {image.width}x{image.height} pixels, too many for a file of {size:,} bytes")
            sixteen = image.format == "PPM" and image.mode == "I"  # Pillow makes full light 65,535, in a mode that has none
            return convert(ImageOps.exif_transpose(image.convert("I;16") if sixteen else image))


def frame_whole(picture: Image.Image, *, side: int) -> UInt8[Tensor, "1 S S"]:
    """Fit the whole picture into a square, keeping its proportions; the rest is dark."""
    return to_tensor(ImageOps.pad(picture, (side, side), Image.Resampling.BILINEAR, color=0))


def frame_middle(picture: Image.Image, *, side: int) -> UInt8[Tensor, "_ S S"]:
    """The largest square in the middle, as large as ``side``: what networks trained on ImageNet expect."""
    return to_tensor(ImageOps.fit(picture, (side, side), Image.Resampling.BILINEAR))


def _grey(image: Image.Image) -> Image.Image:
    if _is_deep(image):
        return _eight_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = _upon(image, "black" if _light_ink(image) else "white")
    return image.convert("L")


def _colour(image: Image.Image) -> Image.Image:
    if _is_deep(image):
        image = _eight_bits(image)
    if image.has_transparency_data:
        image = _upon(image.convert("RGBA"), "white")
    return image.convert("RGB")


def _is_deep(image: Image.Image) -> bool:
    return image.mode.startswith("I;16") or image.mode in ("I", "F")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of more than eight bits. Sixteen say what full light is; else it is the largest value, and nothing, or less, is none."""
    level = np.asarray(image, np.float32)
    if image.mode.startswith("I;16"):
        return Image.fromarray(np.rint(level / _SIXTEEN_TO_EIGHT).astype(np.uint8))
    if not np.isfinite(level).all():
        raise ValueError("it holds values that are no numbers")
    level = level - min(float(level.min()), 0.0)
    return Image.fromarray(np.rint(level * (255 / (float(level.max()) or 1.0))).astype(np.uint8))


def _upon(rgba: Image.Image, ground: str) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", rgba.size, ground), rgba)


def _light_ink(rgba: Image.Image) -> bool:
    """Whether what is opaque is light, and so was meant for a dark ground."""
    opaque = np.asarray(rgba)[..., 3] > 127
    return bool(opaque.any()) and float(np.asarray(rgba.convert("L"))[opaque].mean()) > 127


def _border_median(grey: Image.Image) -> float:
    level = np.asarray(grey)
    return float(np.median(np.concatenate([level[0], level[-1], level[:, 0], level[:, -1]])))


def to_tensor(image: Image.Image) -> UInt8[Tensor, "I h w"]:
    """Grey levels of one channel, or of three."""
    levels = torch.from_numpy(np.asarray(image).copy())
    return levels[None] if levels.dim() == 2 else levels.permute(2, 0, 1)
