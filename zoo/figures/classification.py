"""Pictures of a classifier: confusion matrix, worst mistakes, first-layer filters, decision boundary.

Sizes in shapes: N samples, C classes, S side of a picture.
"""

import torch
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from torch import Tensor, nn

from zoo.figures.canvas import mosaic, new_figure, picture_grid
from zoo.layers.mode import evaluating

_MOST_FILTERS = 64
_MOST_NUMBERS = 20  # classes above which the numbers in a confusion matrix can no longer be read


def confusion_matrix(count: Int[Tensor, "C C"], labels: list[str]) -> Figure:
    """True classes in rows, predicted ones in columns; shades are logarithmic, so that single mistakes show."""
    side = max(4.0, min(0.5 * len(labels) + 1.5, 14.0))
    figure = new_figure(width=side, height=side)
    axes = figure.subplots()
    shade = count.float().log1p()
    axes.imshow(shade.numpy(), cmap="Blues")
    axes.set_xticks(range(len(labels)), labels, rotation=90 if max(map(len, labels)) > 2 else 0, parse_math=False)
    axes.set_yticks(range(len(labels)), labels, parse_math=False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    if len(labels) <= _MOST_NUMBERS:
        dark = float(shade.max()) / 2
        for row, column in torch.nonzero(count).tolist():
            number = int(count[row, column])
            color = "white" if shade[row, column] > dark else "black"
            axes.text(column, row, str(number), ha="center", va="center", fontsize=8, color=color)
    return figure


def worst_mistakes(picture: Float[Tensor, "N S S"], titles: list[str]) -> Figure:
    """The pictures that a model got most confidently wrong."""
    return picture_grid(picture, titles, columns=min(8, len(picture)))


def first_filters(model: nn.Module) -> Figure | None:
    """The first layer's weights as pictures; None where they are not pictures.

    Convolution kernels are shown as they are; a full layer's incoming weights are shown where their number is a square.
    """
    layer = next((module for module in model.modules() if isinstance(module, nn.Conv2d | nn.Linear)), None)
    if layer is None:
        return None
    weight = layer.weight.detach().float().cpu()[:_MOST_FILTERS]
    if weight.dim() == 4:
        return mosaic(weight[:, 0], columns=min(8, len(weight)))
    side = round(weight.shape[1] ** 0.5)
    if side < 4 or side**2 != weight.shape[1]:
        return None
    return mosaic(weight.view(-1, side, side), columns=8)


def decision_boundary(model: nn.Module, point: Float[Tensor, "N 2"], label: Int[Tensor, " N"], labels: list[str]) -> Figure:
    """The plane coloured by predicted class, with the points on it and the line where two classes tie."""
    reach = point.abs().amax(0) * 1.15
    x = torch.linspace(-float(reach[0]), float(reach[0]), 300)
    y = torch.linspace(-float(reach[1]), float(reach[1]), 300)
    plane = torch.cartesian_prod(x, y)
    device = next(model.parameters()).device
    with evaluating(model), torch.no_grad():
        out = model(plane.to(device)).cpu()
    margin = (out[:, 0] - out[:, 1]).view(len(x), len(y)).T
    grid = x.numpy(), y.numpy()
    figure = new_figure(width=7, height=5)
    axes = figure.subplots()
    axes.contourf(*grid, margin.sign().numpy(), levels=[-2, 0, 2], colors=["#f4cccc", "#cfe2f3"])
    axes.contour(*grid, margin.numpy(), levels=[0], colors="black", linewidths=1)
    for number, (name, color) in enumerate(zip(labels, ("#1f4e8c", "#b02a1f"), strict=True)):
        member = point[label == number].numpy()
        axes.plot(member[:, 0], member[:, 1], ".", markersize=2, color=color, label=name)
    axes.set_aspect("equal")
    axes.legend(loc="upper right", fontsize=8)
    return figure
