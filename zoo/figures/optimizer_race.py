"""How fast optimisers learn.

Sizes in shapes: T1 steps and the start, S seeds.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from zoo.figures.canvas import new_figure

_LEAST = 1e-12


def optimizer_race(curves: Mapping[str, Float[Tensor, "T1 S"]], *, title: str) -> Figure:
    """The loss after each step, on a logarithmic scale: median over seeds, and a band for the middle half of them (slide Figure 3-6).

    Args:
        curves: By the optimiser's name; the learned one first, which is drawn on top.
        title: What was learnt.
    """
    figure = new_figure(width=7, height=4.5)
    axes = figure.add_subplot()
    for number, (name, curve) in enumerate(curves.items()):
        low, middle, high = _quarters(curve)
        (line,) = axes.plot(middle, label=name, color=f"C{number}", linewidth=1.2 if number else 2.2, zorder=2 if number else 3)
        axes.fill_between(range(len(middle)), low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    shown = torch.cat([curve.median(1).values for curve in curves.values()])
    shown = shown[shown.isfinite()].clamp(min=_LEAST)
    axes.set(yscale="log", xlabel="step", ylabel="loss", title=title)
    if len(shown):
        axes.set_ylim(float(shown.min()) / 1.5, 3 * float(max(curve[0].median() for curve in curves.values())))
    seeds = next(iter(curves.values())).shape[1]
    axes.legend(frameon=False, title=f"median of {seeds}, middle half", title_fontsize="small")
    return figure


def _quarters(curve: Float[Tensor, "T1 S"]) -> list[list[float]]:
    """Lower quartile, median and upper quartile over seeds; what has diverged lies above all else."""
    found = curve.double().nan_to_num(1e30, 1e30, 1e30).clamp(min=_LEAST).cpu()
    return found.quantile(torch.tensor([0.25, 0.5, 0.75], dtype=torch.double), dim=1).tolist()
