"""What goes on inside a character network while it reads.

Sizes in shapes: T characters, H hidden units.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from zoo.figures.canvas import new_figure
from zoo.functions.lstm import LSTMTrace

_SHOWN = 48  # units of a gate
_WIDTH = 0.16  # inches a character


def gate_picture(trace: LSTMTrace, text: Sequence[str]) -> Figure:
    """Input, forget and output gates of some units, character by character: dark is shut, light is open.

    Args:
        trace: Of one text, batch axis and all.
        text: Its characters, marks included.
    """
    gates = {"input gate": trace.input_gate, "forget gate": trace.forget_gate, "output gate": trace.output_gate}
    figure = new_figure(width=max(6, _WIDTH * len(text)), height=7)
    for row, (name, gate) in enumerate(gates.items(), 1):
        axes = figure.add_subplot(len(gates), 1, row)
        axes.imshow(gate[:, 0, :_SHOWN].T.cpu().numpy(), vmin=0, vmax=1, cmap="gray", aspect="auto", interpolation="nearest")
        axes.set_ylabel(f"{name}, unit")
        _write_below(axes, text)
    units = trace.input_gate.shape[-1]
    figure.axes[0].set_title(f"units 0 to {min(units, _SHOWN) - 1} of {units}; black: shut, white: open")
    return figure


def unit_traces(trace: LSTMTrace, text: Sequence[str], *, units: int = 4) -> Figure:
    """Cell states that vary most while a text is read: what single units have come to mean.

    Args:
        trace: Of one text, batch axis and all.
        text: Its characters, marks included.
        units: How many.
    """
    cell: Float[Tensor, "T H"] = trace.cell[:, 0].tanh().cpu()
    chosen = cell.var(0).topk(min(units, cell.shape[1])).indices.tolist()
    figure = new_figure(width=max(6, _WIDTH * len(text)), height=0.8 * len(chosen) + 1)
    for row, unit in enumerate(chosen, 1):
        axes = figure.add_subplot(len(chosen), 1, row)
        axes.imshow(cell[:, unit][None].numpy(), vmin=-1, vmax=1, cmap="coolwarm", aspect="auto", interpolation="nearest")
        axes.set_yticks([0], [f"unit {unit}"])
        _write_below(axes, text)
    figure.axes[0].set_title("tanh of the cell state, blue: -1, red: +1")
    return figure


def recall_picture(accuracy: Mapping[str, Mapping[int, float]], gradient: Mapping[str, Float[Tensor, " T"]], *, chance: float) -> Figure:
    """How long each network remembers, and how far a gradient goes back (slide Figures 2-28 and 2-29).

    Args:
        accuracy: By network and length of the sequence, how often its first symbol is recalled.
        gradient: By network, the norm of the gradient at each lag, from 0.
        chance: Accuracy of guessing.
    """
    figure = new_figure(width=10, height=4)
    left, right = figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2)
    for name, found in accuracy.items():
        left.plot(list(found), [100 * share for share in found.values()], marker="o", label=name)
    left.axhline(100 * chance, color="gray", linestyle=":", label="guessing")
    left.set(xlabel="length of the sequence", ylabel="first symbol recalled, %", ylim=(0, 103))
    for name, norm in gradient.items():
        right.semilogy(np.arange(len(norm)), norm.clamp(min=1e-300).cpu().numpy(), label=name)
    right.set(xlabel="lag, steps", ylabel="norm of the gradient by the input")
    for axes in (left, right):
        axes.legend(frameon=False)
    return figure


def _write_below(axes: Axes, text: Sequence[str]) -> None:
    """The text as ticks, blanks as they are known in print."""
    shown = [{"\n": "↵", "\t": "→", " ": "␣"}.get(each, each if len(each) == 1 else "•") for each in text]
    axes.set_xticks(range(len(shown)), shown, fontsize=7, family="monospace")
