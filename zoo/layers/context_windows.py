"""Frames of a sequence with their neighbours, as an acoustic model takes them.

Sizes in shapes: T frames, F features a frame, W values of a window.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.errors import ZooError, check_range


def context_windows(frame: Float[Tensor, "T F"], *, width: int = 11) -> Float[Tensor, "T W"]:
    """Each frame with its neighbours, ``width`` in all and one after the other; the first and last frames stand for those beyond.

    Raises:
        ZooError: An even width, which has no middle.
    """
    check_range("width", width, least=1)
    if width % 2 == 0:
        raise ZooError(f"windows of {width} frames have no middle; choose an odd number")
    place = torch.arange(len(frame))[:, None] + torch.arange(width) - width // 2
    return frame[place.clamp(0, len(frame) - 1)].flatten(1)
