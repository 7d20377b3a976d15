"""What people see of a classifier's figures: lines in the terminal, and pictures."""

from matplotlib.figure import Figure
from torch import nn

from zoo.data.sets import Labelled
from zoo.figures.classification import confusion_matrix, decision_boundary, first_filters, worst_mistakes
from zoo.metrics.classification import ClassificationReport

_DRAWN, _PRINTED = 32, 5  # worst mistakes
_TERMINAL = 120  # columns


def print_lines(report: ClassificationReport, labels: list[str], *, loss: str) -> list[str]:
    """Error, loss, confusion matrix and the worst mistakes of a test split."""
    guess = report.score.argmax(-1)
    wrong = int((guess != report.label).sum())
    lines = [
        f"test error  {100 * report.error:.2f} %   ({wrong} of {len(report.label):,} wrong)",
        f"test loss   {report.loss:.4f}   ({loss})",
        *_confusion(report.confusion.tolist(), labels),
    ]
    for position in report.worst(_PRINTED).tolist():
        lines.append(f"worst mistakes: picture {position} is {labels[int(report.label[position])]}, read as {labels[int(guess[position])]}")
    return lines


def _confusion(count: list[list[int]], labels: list[str]) -> list[str]:
    """True classes in rows, with the error of each; only for so many classes as fit a terminal."""
    width = max(5, *(len(label) + 1 for label in labels))
    if len(labels) * width > _TERMINAL:
        return []
    lines = ["", " " * width + "".join(f"{label:>{width}}" for label in labels) + "   error"]
    for label, row in zip(labels, count, strict=True):
        error = 1 - row[labels.index(label)] / max(sum(row), 1)
        lines.append(f"{label:>{width}}" + "".join(f"{cell or '.':>{width}}" for cell in row) + f"   {100 * error:.2f} %")
    return [*lines, "(true classes in rows, predicted in columns)", ""]


def draw_pictures(report: ClassificationReport, model: nn.Module, test: Labelled, labels: list[str]) -> dict[str, Figure]:
    """What suits the data: confusion matrix, worst mistakes, first filters; a boundary for points in the plane.

    Args:
        report: The model's scores on the test split.
        model: The model.
        test: The test split's inputs.
        labels: Names of the classes.
    """
    pictures = {"confusion_matrix": confusion_matrix(report.confusion, labels)}
    if filters := first_filters(model):
        pictures["first_filters"] = filters
    if test.input.dim() == 2:
        pictures["decision_boundary"] = decision_boundary(model, test.input, test.label, labels)
    elif len(worst := report.worst(_DRAWN)):
        guess = report.score.argmax(-1)
        titles = [f"{labels[int(test.label[i])]} read as {labels[int(guess[i])]}" for i in worst]
        pictures["worst_mistakes"] = worst_mistakes(test.input[worst, 0], titles)
    return pictures
