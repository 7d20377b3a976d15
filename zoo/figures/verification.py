"""Pictures of verification and retrieval: ROC, CMC, and features in the plane.

Sizes in shapes: N samples, C classes, T thresholds, K ranks.
"""

import torch
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from torch import Tensor

from zoo.figures.canvas import new_figure

_MOST_POINTS = 5000
_LEAST_FALSE = 1e-4


def roc_curve(false_accept: Float[Tensor, " T"], true_accept: Float[Tensor, " T"]) -> Figure:
    """Pairs rightly accepted over pairs wrongly accepted, the latter on a logarithmic scale."""
    figure = new_figure(width=5, height=4)
    axes = figure.subplots()
    keep = torch.linspace(0, len(false_accept) - 1, min(_MOST_POINTS, len(false_accept))).round().long()
    axes.step(false_accept[keep].clamp(min=_LEAST_FALSE), true_accept[keep], where="post")
    axes.set(xscale="log", xlim=(_LEAST_FALSE, 1), ylim=(0, 1.02), xlabel="wrongly accepted", ylabel="rightly accepted")
    axes.grid(alpha=0.3)
    return figure


def cmc_curve(share: Float[Tensor, " K"]) -> Figure:
    """Share of the queries whose match is among the first so many of the gallery."""
    figure = new_figure(width=5, height=4)
    axes = figure.subplots()
    axes.plot(range(1, len(share) + 1), share, marker=".")
    axes.set(xlim=(0.5, len(share) + 0.5), ylim=(0, 1.02), xlabel="rank", ylabel="found")
    axes.grid(alpha=0.3)
    return figure


def plane(feature: Float[Tensor, "N 2"], label: Int[Tensor, " N"], labels: list[str], *, title: str = "") -> Figure:
    """Two features of each sample, coloured by class: the center-loss paper's picture."""
    figure = new_figure(width=5, height=5)
    axes = figure.subplots()
    for number, name in enumerate(labels):
        x, y = feature[label == number][: _MOST_POINTS // len(labels)].T
        axes.plot(x, y, ".", markersize=2, color=f"C{number % 10}", label=name)
    axes.set(xlabel="first feature", ylabel="second feature", title=title)
    axes.set_aspect("equal", adjustable="datalim")
    axes.legend(markerscale=4, fontsize=7, loc="upper right")
    return figure
