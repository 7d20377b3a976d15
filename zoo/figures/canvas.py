"""New figures and grids of pictures, without pyplot's global state."""

from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor


def new_figure(*, width: float, height: float) -> Figure:
    """An empty figure of so many inches that can be saved without a display."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def mosaic(picture: Float[Tensor, "N h w"], *, columns: int) -> Figure:
    """Pictures with signs side by side, blue below and red above zero, each scaled to its own largest value."""
    scaled = picture / picture.abs().amax((1, 2), keepdim=True).clamp(min=1e-12)
    figure = _sheet(scaled, columns=columns, below=1)
    figure.axes[0].images[0].set(cmap="RdBu_r", clim=(-1, 1))
    return figure


def picture_grid(picture: Float[Tensor, "N h w"], titles: Sequence[str] = (), *, columns: int) -> Figure:
    """Small pictures in rows, dark ink on white, each above its title, close together where there is none."""
    height, width = picture.shape[1:]
    space = max(2, round(0.25 * height)) if titles else 1
    figure = _sheet(picture, columns=columns, below=space)
    figure.axes[0].images[0].set(cmap="gray_r")
    for number, title in enumerate(titles):
        row, column = divmod(number, columns)
        x, y = column * (width + 1) + width / 2, row * (height + space) + height
        figure.axes[0].text(x, y, title, ha="center", va="top", fontsize=7, parse_math=False)
    return figure


def _sheet(picture: Float[Tensor, "N h w"], *, columns: int, below: int) -> Figure:
    """All pictures as one image: axes of their own would take matplotlib far longer. Gaps stay white."""
    count, height, width = picture.shape
    rows = -(-count // columns)
    tiles = picture.new_full((rows * columns, height + below, width + 1), torch.nan)
    tiles[:count, :height, :width] = picture
    sheet = tiles.view(rows, columns, height + below, width + 1).transpose(1, 2).reshape(rows * (height + below), -1)
    across = 1.2 * columns
    figure = new_figure(width=across, height=across * sheet.shape[0] / sheet.shape[1])
    axes = figure.subplots()
    axes.set_axis_off()
    axes.imshow(sheet.numpy())
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a PNG, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
