"""LeNet-5's output: distances to fixed 7 x 12 pictures of the ten digits."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.functions.radial_basis import squared_distance

# Drawn for this project after the paper's Figure 3: stylised printed digits, 7 wide and 12 high, ten rows of ink.
_BITMAPS = """
..###.. ...#... .#####. .#####. ....##. ####### ..####. ####### .#####. .#####.
.#...#. ..##... ##...## ##...## ...###. ##..... .##.... .....## ##...## ##...##
#.....# .###... .....## .....## ..####. ##..... ##..... .....## ##...## ##...##
#.....# ..##... ....##. .....## .##.##. ######. ##..... ....##. ##...## ##...##
#.....# ..##... ...##.. ..####. ##..##. .....## ######. ....##. .#####. ##...##
#.....# ..##... ..##... .....## ####### .....## ##...## ...##.. ##...## .######
#.....# ..##... .##.... .....## ....##. .....## ##...## ...##.. ##...## .....##
#.....# ..##... ##..... .....## ....##. .....## ##...## ..##... ##...## .....##
.#...#. ..##... ##..... ##...## ....##. ##...## ##...## ..##... ##...## ....##.
..###.. .####.. ####### .#####. ....##. .#####. .#####. ..##... .#####. .####..
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
"""


def digit_codes() -> Float[Tensor, "10 84"]:
    """The ten target codes: +1 where the printed digit has ink, -1 elsewhere."""
    rows = [line.split() for line in _BITMAPS.split("\n") if line]
    digits = ["".join(digit) for digit in zip(*rows, strict=True)]
    return torch.tensor([[1.0 if mark == "#" else -1.0 for mark in digit] for digit in digits])


class RadialBasisOutput(nn.Module):
    """Scores of the ten digits: minus the squared distance from the features to each digit's fixed code.

    It has no trainable parameters; similar-looking characters get similar codes, which is what the paper wanted.
    """

    code: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("code", digit_codes(), persistent=False)

    def forward(self, feature: Float[Tensor, "B 84"]) -> Float[Tensor, "B 10"]:
        return -squared_distance(feature, self.code)
