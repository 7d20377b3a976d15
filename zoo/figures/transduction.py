"""Pictures of machines that answer sequences with sequences: learning curves, and what heads do to a memory.

Sizes in shapes: T steps, A steps that are asked, I inputs, O outputs, R read heads, W write heads, N rows of the memory, M numbers a row.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator, MaxNLocator
from torch import Tensor

from zoo.figures.canvas import new_figure

Curve = Sequence[tuple[int, float]]
"""Sequences trained on and bits a sequence, one entry a validation."""


def learning_curves(curves: Mapping[str, Sequence[Curve]], *, title: str) -> Figure:
    """Cost a sequence over the sequences trained on, as figure 3 of the paper and figure 3-4 of the slides.

    Args:
        curves: For each model the curve of every seed: its first is drawn bold, the others faint.
        title: The task.
    """
    figure = new_figure(width=7, height=4.5)
    axes = figure.subplots()
    for number, (name, seeds) in enumerate(curves.items()):
        for place, curve in enumerate(seeds):
            count, bits = zip(*curve, strict=True)
            style: dict[str, Any] = {"label": name, "linewidth": 1.8} if place == 0 else {"alpha": 0.25, "linewidth": 0.8}
            if len(curve) == 1:  # which has no line
                style["marker"] = "."
            axes.plot([each / 1000 for each in count], bits, color=f"C{number}", **style)
    axes.set_xlabel("sequences trained on (thousands)")
    axes.set_ylabel("cost per sequence (bits)")
    axes.set_ylim(bottom=0)
    axes.set_title(title)
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def answers(target: Float[Tensor, "A O"], output: Float[Tensor, "A O"]) -> Figure:
    """What was asked, what was answered (0 to 1), and where they differ, one above the other; time runs to the right."""
    figure = new_figure(width=max(6, min(14, 0.1 * len(target) + 2)), height=4)
    rows = {"target": target, "output": output, "difference": (target - output).abs()}
    panels = figure.subplots(len(rows), sharex=True)
    for axes, (name, bits) in zip(panels, rows.items(), strict=True):
        _image(axes, bits.T, name, largest=1.0)
    panels[-1].set_xlabel("step of the answer")
    panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def memory_use(
    x: Float[Tensor, "T I"],
    output: Float[Tensor, "T O"],
    reading: Float[Tensor, "T R N"],
    writing: Float[Tensor, "T W N"],
    added: Float[Tensor, "T W M"],
    read: Float[Tensor, "T R M"],
) -> Figure:
    """Inputs and outputs, what is added to and read from the memory, and where heads look, as figure 6 of the paper.

    Args:
        x: The inputs.
        output: The outputs, 0 to 1.
        reading: Weights of the read heads: where there are several, the largest of each row is drawn.
        writing: Weights of the write heads, likewise.
        added: Add vectors of the write heads: the mean is drawn.
        read: What the read heads read, likewise.
    """
    looked_at = torch.cat([reading, writing], 1).amax((0, 1)).gt(0.05).nonzero()
    used = max(20, int(looked_at.max()) + 5) if len(looked_at) else reading.shape[2]  # no row stands out: all
    figure = new_figure(width=13, height=9)
    columns = (
        (("inputs", x), ("outputs", output)),
        ((_of("adds", writing), added.mean(1)), (_of("reads", reading), read.mean(1))),
        ((_of("write weights", writing), writing.amax(1)[:, :used]), (_of("read weights", reading), reading.amax(1)[:, :used])),
    )
    grid = figure.subplots(3, 2, sharex=True, height_ratios=(1, 2, 4))
    for axes, (name, value) in zip(grid.flat, (each for pair in columns for each in pair), strict=True):
        signed = bool(value.lt(0).any())  # of the inputs, priorities and numbers of repeats
        largest = float(value.abs().max())
        _image(axes, value.T, name, largest=largest if signed else max(largest, 1.0), signed=signed)
    for axes in grid[-1]:
        axes.set(xlabel="step", ylabel="row of the memory")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_locator(AutoLocator())
    return figure


def _of(name: str, weight: Float[Tensor, "T _ N"]) -> str:
    """What is drawn, and of how many heads, where they are several."""
    return f"{name} of {weight.shape[1]} heads" if weight.shape[1] > 1 else name


def memory_contents(memory: Float[Tensor, "N M"]) -> Figure:
    """The memory after the last step; rows that were never written are near zero."""
    figure = new_figure(width=9, height=3.5)
    axes = figure.subplots()
    _image(axes, memory.T, "memory after the last step", largest=float(memory.abs().max()), signed=True)
    axes.set(xlabel="row", ylabel="number")
    return figure


def _image(axes: Axes, value: Float[Tensor, "_ _"], name: str, *, largest: float, signed: bool = False) -> None:
    image = axes.imshow(
        torch.nan_to_num(value).cpu().numpy(), aspect="auto", interpolation="nearest", cmap="RdBu_r" if signed else "gray_r",
        vmin=-largest if signed else 0, vmax=largest,
    )  # fmt: skip
    axes.figure.colorbar(image, ax=axes, pad=0.01)
    axes.set_title(name, fontsize=9)
    axes.set_yticks([])
