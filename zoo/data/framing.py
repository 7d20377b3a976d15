"""A picture file as the training pictures of a model were framed.

Sizes in shapes: I channels, S side of the model's pictures.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jaxtyping import UInt8
from torch import Tensor

from zoo.data.catalog import SOURCES
from zoo.data.ink import frame_ink
from zoo.data.pictures import Crop, frame_middle, frame_whole, read_colour, read_picture
from zoo.layers.input_transform import InputTransform

Framing = Literal["auto", "ink", "whole"]


@dataclass(frozen=True)
class Framed:
    """A picture as a model takes it, which part of the file's picture that is, and in words what was decided about it."""

    image: UInt8[Tensor, "I S S"]
    crop: Crop | None
    """To about a pixel of the square; None where ink was looked for and there is none."""
    said: str


def frame_file(path: Path, transform: InputTransform, *, kind: str, framing: Framing = "auto") -> Framed:
    """Read and frame a picture.

    Args:
        path: The file.
        transform: That of the model.
        kind: Data set that the model was trained on.
        framing: ``ink`` centres it, ``whole`` takes the picture as it is, ``auto`` does what the data set did.

    Raises:
        ValueError: No picture can be read there.
    """
    side = transform.content
    if transform.colour:
        colours = read_colour(path)
        return Framed(frame_middle(colours, side=side), _square(colours.size, min(colours.size)), "colours; middle square")
    picture = read_picture(path)
    box = SOURCES[kind].ink_box if kind in SOURCES else None
    whole = box is None or (picture.image.size == (side, side) and not picture.inverted)
    if framing == "whole" or (framing == "auto" and whole):
        image, how = frame_whole(picture.image, side=side), "whole picture"
        crop: Crop | None = _square(picture.image.size, max(picture.image.size))
    else:
        image, crop = frame_ink(picture.image, side=side, box=box or 1.0)
        how = "ink centred"
    if not image.any():
        how = "no ink found, so the answer means nothing"
    ground = "dark on light, inverted" if picture.inverted else "light on dark"
    return Framed(image, crop, f"{ground}; {how}")


def _square(size: tuple[int, int], side: int) -> Crop:
    """A square in the middle of a picture."""
    left, top = ((length - side) / 2 for length in size)
    return left, top, left + side, top + side
