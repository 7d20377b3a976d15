"""Pictures of what an RBM or a stack of them has learnt.

Sizes in shapes: N pictures, V visible units.
"""

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from zoo.figures.canvas import mosaic, picture_grid

_COLUMNS = 10
_MOST_FILTERS = 100


def side_of(visible: int) -> int | None:
    """Side of the square picture that so many values are; None where they are none."""
    side = round(visible**0.5)
    return side if side > 3 and side**2 == visible else None


def receptive_fields(weight: Float[Tensor, "N V"]) -> Figure:
    """Weights of hidden units, the first hundred at most, as pictures; each is scaled to its own largest."""
    return mosaic(_pictures(weight[:_MOST_FILTERS]), columns=_COLUMNS)


def fantasies(mean: Float[Tensor, "N V"], *, columns: int = _COLUMNS) -> Figure:
    """Means at the end of the chains, so many in a row."""
    return picture_grid(_pictures(mean), columns=columns)


def reconstructions(data: Float[Tensor, "N V"], mean: Float[Tensor, "N V"]) -> Figure:
    """Rows of ten pictures, each row above what became of it."""
    pairs = torch.stack([data, mean])
    missing = -len(data) % _COLUMNS
    full = torch.cat([pairs, pairs.new_full((2, missing, pairs.shape[2]), torch.nan)], dim=1)  # NaN stays white
    rows = full.unflatten(1, (-1, _COLUMNS)).transpose(0, 1).flatten(0, 2)
    return picture_grid(_pictures(rows), columns=_COLUMNS)


def _pictures(rows: Float[Tensor, "N V"]) -> Float[Tensor, "N h w"]:
    side = side_of(rows.shape[1])
    if side is None:
        raise ValueError(f"{rows.shape[1]} values are no square picture")
    return rows.detach().float().cpu().view(-1, side, side)
