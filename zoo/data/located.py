"""Labelled pictures with boxes."""

from dataclasses import dataclass

from jaxtyping import Int
from torch import Tensor

from zoo.data.sets import Labelled


@dataclass(frozen=True)
class Located(Labelled):
    """Inputs with their class numbers and the box of each object: (left, top, right, bottom), right and bottom exclusive."""

    box: Int[Tensor, "N 4"]
