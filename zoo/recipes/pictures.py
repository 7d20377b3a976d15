"""The pictures that a report comes with, as files and for TensorBoard."""

from pathlib import Path

from matplotlib.figure import Figure
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from zoo.data.module import InMemoryData
from zoo.figures.canvas import save
from zoo.figures.classification import confusion_matrix, decision_boundary, first_filters, worst_mistakes
from zoo.metrics.classification import ClassificationReport

_MISTAKES = 32


def write_pictures(
    folder: Path, report: ClassificationReport, model: nn.Module, data: InMemoryData, *, writer: SummaryWriter | None = None, step: int = 0
) -> list[Path]:
    """Draw what suits the data: confusion matrix, worst mistakes, filters; a boundary for points in the plane.

    Args:
        folder: Where the PNG files go.
        report: The model's scores on the test split.
        model: The model.
        data: Its data.
        writer: TensorBoard, for the same pictures.
        step: The training step that they belong to.

    Returns:
        The files written.
    """
    labels, test = data.prepared.labels, data.prepared.test
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
        if writer is not None and name != "first_filters":  # which it has from training
            writer.add_figure(f"test/{name}", figure, step)
    return paths
