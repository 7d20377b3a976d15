"""What pre-training is compared on: data of which few examples have labels, or all.

Sizes in shapes: N examples, M of them chosen, V values of each.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from jaxtyping import Int
from torch import Tensor

from zoo.data.module import build_data, evaluation_batches
from zoo.data.options import ImageOptions
from zoo.data.sets import Labelled
from zoo.data.speech_options import SpeechOptions
from zoo.data.speech_windows import Windows
from zoo.data.spoken_digits import build_spoken_digits
from zoo.functions.losses import LOSSES
from zoo.metrics.classification import evaluate
from zoo.metrics.speech import recording_labels, recording_scores
from zoo.models.mlp import MLP

DataName = Literal["mnist", "fsdd"]
LabelCount = Literal["few", "all"]


@dataclass(frozen=True)
class Problem:
    """A data set, the network for it, and how it is fine-tuned."""

    widths: tuple[int, ...]
    gaussian: bool
    all: Labelled
    """What is pre-trained on."""
    draw: Callable[[torch.Generator], Labelled]
    """The examples with labels, another choice each time."""
    validation: Callable[[MLP], float]
    """Error by which each side's learning rate is chosen."""
    test: Callable[[MLP], float]
    batch_size: int
    """Of fine-tuning."""
    epochs: int
    """Of fine-tuning."""


def read_problem(data: DataName, labels: LabelCount, *, root: Path | None) -> Problem:
    """The problem of a data set, as it is with few labels or with all.

    Args:
        data: mnist: few are 10 pictures a class. fsdd: few are a tenth of the recordings.
        labels: How many examples have labels.
        root: Folder of the data.
    """
    problem = _pictures(root) if data == "mnist" else _recordings(root)
    if labels == "few":
        return problem
    return replace(problem, draw=lambda generator: problem.all, batch_size=100, epochs=10)


def _pictures(root: Path | None) -> Problem:
    splits = build_data(ImageOptions(kind="mnist", root=root, validation=1 / 30), seed=0).prepared
    train, validation = _flat(splits.train), splits.validation
    assert validation is not None, "a thirtieth was asked for"
    return Problem(
        widths=(784, 500, 500, 2000),
        gaussian=False,
        all=train,
        draw=lambda generator: train.subset(_few_of_each(train.label, count=10, generator=generator)),
        validation=_error_on(_flat(validation)),
        test=_error_on(_flat(splits.test)),
        batch_size=20,
        epochs=100,
    )


def _recordings(root: Path | None) -> Problem:
    digits = build_spoken_digits(SpeechOptions(root=root))
    train = digits.train
    word = recording_labels(train.frames.label, train.recording)

    def draw(generator: torch.Generator) -> Labelled:
        chosen = _few_of_each(word, count=len(word) // 100, generator=generator)  # a tenth, shared by ten digits
        return train.frames.subset(torch.isin(train.recording, chosen).nonzero()[:, 0])

    return Problem(
        widths=(train.frames.input.shape[1], 512, 512, 512),
        gaussian=True,
        all=train.frames,
        draw=draw,
        validation=_word_error_on(digits.validation),
        test=_word_error_on(digits.test),
        batch_size=128,
        epochs=20,
    )


def _few_of_each(label: Int[Tensor, " N"], *, count: int, generator: torch.Generator) -> Int[Tensor, " M"]:
    """Positions of as many examples of each class, drawn at random."""
    order = torch.randperm(len(label), generator=generator)
    return torch.cat([order[label[order] == each][:count] for each in label.unique()])


def _flat(split: Labelled) -> Labelled:
    return Labelled(split.input.flatten(1), split.label)


def _error_on(split: Labelled) -> Callable[[MLP], float]:
    return lambda network: evaluate(network, evaluation_batches(split), LOSSES["cross-entropy"]).error


def _word_error_on(windows: Windows) -> Callable[[MLP], float]:
    word = recording_labels(windows.frames.label, windows.recording)

    def error(network: MLP) -> float:
        score = evaluate(network, evaluation_batches(windows.frames), LOSSES["cross-entropy"]).score
        return float((recording_scores(score, windows.recording).argmax(-1) != word).double().mean())

    return error
