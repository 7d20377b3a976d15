"""Class activation maps over their picture.

Sizes in shapes: I channels (1 or 3), H and W height and width of the picture, N maps.
"""

import torch
from jaxtyping import Float, Int, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from torch import Tensor

from zoo.figures.canvas import new_figure

_PANEL = 2.6  # inches
_COLUMNS = 6  # panels
_CONTOURS = (0.2, 0.5, 0.8)  # shares of a map's maximum; the first is the paper's threshold
_VEIL = 0.6  # opacity of the hottest place


def overlay(
    image: UInt8[Tensor, "I H W"], maps: Float[Tensor, "N H W"], titles: list[str], boxes: Int[Tensor, "N 4"], *, name: str = ""
) -> Figure:
    """The picture, and after it each map over the picture, with contours at 20, 50 and 80 % of its maximum and its box.

    Colours reach from zero to the map's maximum; what is negative shows the bare picture.

    Args:
        image: The picture, grey or colour.
        maps: One a class, at the picture's size.
        titles: One a class: its label and probability.
        boxes: (left, top, right, bottom) in pixels, right and bottom exclusive.
        name: Title of the bare picture.
    """
    height, width = image.shape[1:]
    count = len(maps) + 1
    columns, rows = min(count, _COLUMNS), -(-count // _COLUMNS)
    figure = new_figure(width=_PANEL * columns, height=(_PANEL * min(max(height / width, 0.5), 2) + 0.3) * rows)
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    _show(panels[0], image, name)
    for axes, one, title, box in zip(panels[1:count], maps, titles, boxes, strict=True):
        _show(axes, image, title)
        _heat(axes, one)
        _frame(axes, box, "white")
    for axes in panels[count:]:
        axes.remove()
    return figure


def _show(axes: Axes, image: UInt8[Tensor, "I H W"], title: str) -> None:
    axes.set_axis_off()
    readable = title.encode(errors="backslashreplace").decode()  # names of files are bytes, which need not be text
    axes.set_title(readable, fontsize=9, parse_math=False)
    pixels = (image[0] if len(image) == 1 else image.permute(1, 2, 0)).numpy()
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, aspect="equal")  # the map of colours is for the grey ones


def _heat(axes: Axes, one: Float[Tensor, "H W"]) -> None:
    shown = (one / one.max().clamp(min=torch.finfo(one.dtype).tiny)).clamp(0, 1).numpy()
    axes.imshow(shown, cmap="jet", vmin=0, vmax=1, alpha=_VEIL * shown**0.5, aspect="equal")
    if min(shown.shape) > 1 and shown.max() > shown.min():
        axes.contour(shown, levels=_CONTOURS, colors="white", linewidths=0.6)


def _frame(axes: Axes, box: Int[Tensor, "4"], colour: str) -> None:
    left, top, right, bottom = box.tolist()
    rim = [withStroke(linewidth=3, foreground="black")]  # or white would be lost on white, and the box among the contours
    side = {"width": right - left, "height": bottom - top}
    axes.add_patch(Rectangle((left - 0.5, top - 0.5), **side, fill=False, edgecolor=colour, linewidth=1.5, clip_on=False, path_effects=rim))


def boxes_figure(
    picture: Float[Tensor, "N H W"], maps: Float[Tensor, "N H W"], found: Int[Tensor, "N 4"], true: Int[Tensor, "N 4"], *, columns: int = 6
) -> Figure:
    """Grey pictures under their maps, with the boxes found (white) and the true ones (green)."""
    rows = -(-len(picture) // columns)
    figure = new_figure(width=1.7 * columns, height=1.7 * rows)
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in panels:
        axes.set_axis_off()
    for axes, image, one, boxes in zip(panels, picture, maps, torch.stack([found, true], dim=1), strict=False):
        _show(axes, (255 * image[None]).byte(), "")
        _heat(axes, one)
        for box, colour in zip(boxes, ("white", "lime"), strict=True):
            _frame(axes, box, colour)
    return figure
