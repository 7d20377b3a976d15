"""New figures and grids of pictures, without pyplot's global state."""

from pathlib import Path

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor


def new_figure(*, width: float, height: float) -> Figure:
    """An empty figure of so many inches that can be saved without a display."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def picture_grid(picture: Float[Tensor, "N h w"], titles: list[str] | None = None, *, columns: int, diverging: bool = False) -> Figure:
    """Small pictures in rows, each under its title; ``diverging`` shows signs, blue below and red above zero."""
    rows = -(-len(picture) // columns)
    figure = new_figure(width=1.2 * columns, height=(1.6 if titles else 1.2) * rows + 0.3)
    for number, axes in enumerate(np.ravel(figure.subplots(rows, columns, squeeze=False))):
        axes.set_axis_off()
        if number < len(picture):
            _show(axes, picture[number], diverging)
            if titles:
                axes.set_title(titles[number], fontsize=8)
    return figure


def _show(axes: Axes, picture: Float[Tensor, "h w"], diverging: bool) -> None:
    if diverging:
        reach = float(picture.abs().max()) or 1.0
        axes.imshow(picture, cmap="RdBu_r", vmin=-reach, vmax=reach)
    else:
        axes.imshow(picture, cmap="gray_r")


def save(figure: Figure, path: Path) -> None:
    """Write a PNG, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
