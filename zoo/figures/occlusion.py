"""Probability of a class as places of the picture are hidden or shown."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from zoo.figures.canvas import new_figure


def occlusion_figure(share: Sequence[float], deletion: Sequence[float], insertion: Sequence[float], random: Sequence[float]) -> Figure:
    """Mean probability against the share of the map's places, for three orders."""
    figure = new_figure(width=5, height=3.6)
    axes = figure.subplots()
    axes.plot(share, insertion, marker="o", markersize=3, label="most active shown first")
    axes.plot(share, random, marker="o", markersize=3, label="hidden in random order")
    axes.plot(share, deletion, marker="o", markersize=3, label="most active hidden first")
    axes.set(xlabel="share of the map's places", ylabel="probability of the class", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(fontsize=8)
    return figure
