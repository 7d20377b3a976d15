"""A picture file as the training pictures of a model were framed.

Sizes in shapes: I channels, S side of the model's pictures.
"""

from pathlib import Path
from typing import Literal

from jaxtyping import UInt8
from torch import Tensor

from zoo.data.catalog import SOURCES
from zoo.data.ink import frame_ink
from zoo.data.pictures import frame_middle, frame_whole, read_colour, read_picture
from zoo.layers.input_transform import InputTransform

Framing = Literal["auto", "ink", "whole"]


def frame_file(path: Path, transform: InputTransform, *, kind: str, framing: Framing = "auto") -> tuple[UInt8[Tensor, "I S S"], str]:
    """Read and frame a picture; says in words what was decided about it.

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
        return frame_middle(read_colour(path), side=side), "colours; middle square"
    picture = read_picture(path)
    box = SOURCES[kind].ink_box if kind in SOURCES else None
    whole = box is None or (picture.image.size == (side, side) and not picture.inverted)
    if framing == "whole" or (framing == "auto" and whole):
        image, how = frame_whole(picture.image, side=side), "whole picture"
    else:
        image, how = frame_ink(picture.image, side=side, box=box or 1.0), "ink centred"
    if not image.any():
        how = "no ink found, so the answer means nothing"
    ground = "dark on light, inverted" if picture.inverted else "light on dark"
    return image, f"{ground}; {how}"
