"""evaluate.py NAME: a trained model on its test split."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from zoo.cli.common import make_folder, parse, percent, take_name, write_figures


@dataclass(frozen=True)
class EvaluateOptions:
    """Score a released model or a run on its test split: error, confusion matrix, worst mistakes."""

    root: Annotated[Path | None, tyro.conf.arg(name="data.root")] = None
    """Folder of the data; without it $ZOO_DATA and the cache are searched."""
    pictures: Path | None = None
    """Folder for PNG pictures of the confusion matrix, the worst mistakes and the filters."""
    json: Path | None = None
    """File for the figures."""


_USAGE = """usage: evaluate.py NAME [--data.root DIR] [--pictures DIR] [--json FILE]

NAME is a released model (scripts/list_models.py --released) or the folder of a run.
The test figures are those of the card, to every printed digit on the CPU."""


def main(args: list[str]) -> None:
    """Evaluate the model that ``args`` name."""
    name, flags = take_name(args, usage=_USAGE)
    options = parse(EvaluateOptions, flags, prog="evaluate.py NAME")
    from zoo.data.module import evaluation_batches
    from zoo.functions.losses import LOSSES
    from zoo.metrics.classification import evaluate
    from zoo.recipes.evaluation import evaluation_data
    from zoo.recipes.pictures import write_pictures
    from zoo.registry import load_trained

    trained = load_trained(name)
    meta = trained.meta
    if options.pictures:
        make_folder(options.pictures)
    test, labels = evaluation_data(trained, root=options.root), meta.labels
    report = evaluate(trained.model, evaluation_batches(test), LOSSES[meta.loss])
    print(f"{name} on {meta.data['title']}")
    wrong = int((report.score.argmax(-1) != report.label).sum())
    print(f"test error  {percent(report.error)}   ({wrong} of {len(report.label):,} wrong)")
    print(f"test loss   {report.loss:.4f}   ({meta.loss})")
    _print_confusion(report.confusion.tolist(), labels)
    for position in report.worst(5).tolist():
        true, guess = labels[int(report.label[position])], labels[int(report.score[position].argmax())]
        print(f"worst mistakes: picture {position} is {true}, read as {guess}")
    if options.pictures:
        for path in write_pictures(options.pictures, report, trained.model, test, labels):
            print(f"picture     {path}")
    write_figures(options.json, report.metrics("test"))


def _print_confusion(count: list[list[int]], labels: list[str]) -> None:
    """True classes in rows, with the error of each; only for so many classes as fit a terminal."""
    width = max(5, *(len(label) + 1 for label in labels))
    if len(labels) * width > 120:
        return
    print("\n" + " " * width + "".join(f"{label:>{width}}" for label in labels) + "   error")
    for label, row in zip(labels, count, strict=True):
        right = row[labels.index(label)]
        cells = "".join(f"{cell or '.':>{width}}" for cell in row)
        print(f"{label:>{width}}{cells}   {percent(1 - right / max(sum(row), 1))}")
    print("(true classes in rows, predicted in columns)\n")
