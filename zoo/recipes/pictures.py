"""The pictures that a report comes with, as files and for TensorBoard."""

from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure
from torch import nn

from zoo.data.sets import Labelled
from zoo.figures.canvas import save
from zoo.figures.classification import confusion_matrix, decision_boundary, first_filters, worst_mistakes
from zoo.metrics.classification import ClassificationReport

_MISTAKES = 32


def write_pictures(
    folder: Path,
    report: ClassificationReport,
    model: nn.Module,
    test: Labelled,
    labels: list[str],
    *,
    show: Callable[[str, Figure], None] | None = None,
) -> list[Path]:
    """Draw what suits the data: confusion matrix, worst mistakes, filters; a boundary for points in the plane.

    Args:
        folder: Where the PNG files go.
        report: The model's scores on the test split.
        model: The model.
        test: The test split's inputs.
        labels: Names of the classes.
        show: Takes each figure with its name as well: TensorBoard, while the run's log is open.

    Returns:
        The files written.
    """
    figures: dict[str, Figure | None] = {
        "confusion_matrix": confusion_matrix(report.confusion, labels),
        "first_filters": first_filters(model),
    }
    if test.input.dim() == 2:
        figures["decision_boundary"] = decision_boundary(model, test.input, test.label, labels)
    elif len(worst := report.worst(_MISTAKES)):
        guess = report.score.argmax(-1)
        titles = [f"{labels[int(test.label[i])]} read as {labels[int(guess[i])]}" for i in worst]
        figures["worst_mistakes"] = worst_mistakes(test.input[worst, 0], titles)
    paths = []
    for name, figure in figures.items():
        if figure is None:
            continue
        save(figure, folder / f"{name}.png")
        paths.append(folder / f"{name}.png")
        if show is not None and name != "first_filters":  # which TensorBoard has from training
            show(f"test/{name}", figure)
    return paths
