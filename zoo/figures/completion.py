"""Pictures of completions."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from zoo.figures.canvas import new_figure

Curves = Mapping[str, Mapping[float, float]]


def error_curves(completion: Curves, clustering: Curves) -> Figure:
    """Error in the gaps, and points in a wrong cluster, by how much is missing.

    Args:
        completion: By method and share missing, the relative error.
        clustering: Likewise the share of points.
    """
    figure = new_figure(width=10, height=4)
    for column, (curves, what) in enumerate(((completion, "relative error in the gaps, %"), (clustering, "clustering error, %")), 1):
        axes = figure.add_subplot(1, 2, column)
        for name, error in curves.items():
            axes.plot([100 * share for share in error], [100 * each for each in error.values()], marker="o", label=name)
        axes.set(xlabel="entries missing, %", ylabel=what, ylim=(0, None))
        axes.legend(frameon=False)
    return figure
