"""Pictures of verification and retrieval: ROC, CMC, and features in the plane.

Sizes in shapes: N samples, C classes, T thresholds, K ranks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from torch import Tensor

from zoo.figures.canvas import new_figure

_MOST_POINTS = 5000  # of a plane
_MARKERS = ".x+1"  # another for every ten classes
_MOST_COLUMNS = 3
_CURVE_POINTS = 400  # a share of a pixel apart
_LEAST_FALSE = 1e-4


def roc_curve(false_accept: Float[Tensor, " T"], true_accept: Float[Tensor, " T"]) -> Figure:
    """True accept rate over false accept rate, the latter on a logarithmic scale."""
    figure = new_figure(width=5, height=4)
    axes = figure.subplots()
    share = torch.logspace(math.log10(_LEAST_FALSE), 0, _CURVE_POINTS, dtype=false_accept.dtype)
    share[-1] = 1  # which rounding may miss
    widest = torch.searchsorted(false_accept, share, right=True) - 1  # threshold that accepts no more than this share wrongly
    axes.plot(share, true_accept[widest])
    axes.set(xscale="log", xlim=(_LEAST_FALSE, 1), ylim=(0, 1.02), xlabel="false accept rate", ylabel="true accept rate")
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


@dataclass(frozen=True)
class Plane:
    """Samples with two features each."""

    feature: Float[Tensor, "N 2"]
    label: Int[Tensor, " N"]
    title: str = ""


def plane_grid(planes: Sequence[Plane], labels: Sequence[str]) -> Figure:
    """Features coloured by class, a panel a plane: the center-loss paper's picture. All planes are of the same classes."""
    columns = min(len(planes), _MOST_COLUMNS)
    rows = -(-len(planes) // columns)
    figure = new_figure(width=4.5 * columns + 0.7, height=4.5 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes, plane in zip(panels, planes, strict=False):
        for number, name in enumerate(labels):
            x, y = plane.feature[plane.label == number][: _MOST_POINTS // len(labels)].T
            axes.plot(x, y, _MARKERS[number // 10 % len(_MARKERS)], markersize=2, color=f"C{number % 10}", label=name)
        axes.set(xlabel="first feature", ylabel="second feature")
        axes.set_title(plane.title, fontsize=10)
        axes.set_aspect("equal", adjustable="datalim")
    for axes in panels[len(planes) :]:
        axes.set_axis_off()
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper", markerscale=4, fontsize=8)
    return figure
