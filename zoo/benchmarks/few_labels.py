"""What pre-training is worth where few examples have labels: a stack's classifier against the same network from random weights.

Sizes in shapes: N examples, V values of each.
"""

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from jaxtyping import Int
from torch import Tensor

from zoo.data.batches import Batches
from zoo.data.module import build_data, evaluation_batches
from zoo.data.options import ImageOptions
from zoo.data.sets import Labelled
from zoo.data.speech_options import SpeechOptions
from zoo.data.speech_windows import Windows
from zoo.data.spoken_digits import build_spoken_digits
from zoo.errors import check_range
from zoo.functions.losses import LOSSES
from zoo.metrics.classification import evaluate
from zoo.metrics.speech import recording_labels, recording_scores
from zoo.models.dbn import DBN
from zoo.models.mlp import MLP
from zoo.registry import get_model
from zoo.tasks.greedy import GreedyPretraining
from zoo.tasks.optimizers import build_optimizer, build_schedule
from zoo.tasks.options import OptimizerOptions
from zoo.tasks.rbm_options import RBMOptions

_RATES = (3e-4, 1e-3, 3e-3)
_RBM = RBMOptions(final_lr=0.0, momentum_epochs=3)
_CONFIDENCE = 0.975  # of each end of the interval


@dataclass(frozen=True)
class _Problem:
    """A data set of which few examples have labels."""

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


def compare_few_labels(
    kind: Literal["mnist", "fsdd"], *, root: Path | None = None, draws: int = 5, machine_epochs: int = 10, seed: int = 0
) -> dict[str, Any]:
    """Pre-train once without labels; then fine-tune on some drawings of few labels, from there and from random weights.

    Both sides have the same network, examples, steps and learning rates to choose from; each keeps the one with the lowest mean
    error on the validation data, whose labels are more than those that are learnt from.

    Args:
        kind: mnist: 10 pictures a class have labels. fsdd: a tenth of the recordings have.
        root: Folder of the data.
        draws: How often labels are drawn.
        machine_epochs: Epochs of pre-training of each machine.
        seed: Of everything.

    Returns:
        Test errors of both sides, and by what share pre-training lowers them, with the 95 % interval of the mean over the drawings;
        all drawings share one pre-training.
    """
    check_range("--draws", draws, least=2)
    check_range("--machine-epochs", machine_epochs, least=1)
    check_range("--seed", seed, least=0)
    problem = _pictures(root) if kind == "mnist" else _recordings(root)
    torch.manual_seed(seed)
    stack = get_model("dbn", widths=problem.widths, units="gaussian" if problem.gaussian else "bernoulli")
    assert isinstance(stack, DBN)
    _pretrain(stack, problem.all, epochs=machine_epochs * len(stack.machines), seed=seed)
    (random_rate, random), (rate, pretrained) = (_errors(problem, start, draws, seed) for start in (None, stack))
    gain = [1 - ours / theirs for ours, theirs in zip(pretrained, random, strict=True)]
    mean, reach = statistics.mean(gain), _student(draws - 1) * statistics.stdev(gain) / math.sqrt(draws)
    return {
        "test error from random weights": _each(random) | {"median error": statistics.median(random), "learning rate": random_rate},
        "test error, pre-trained": _each(pretrained) | {"median error": statistics.median(pretrained), "learning rate": rate},
        "lowered by": _each(gain) | {"mean": mean, "95 % interval from": mean - reach, "95 % interval to": mean + reach},
    }


def _each(values: list[float]) -> dict[str, float]:
    return {f"drawing {number}": value for number, value in enumerate(values, 1)}


def _student(freedom: int) -> float:
    from scipy.stats import t  # comes with scikit-learn

    return float(t.ppf(_CONFIDENCE, freedom))


def _pretrain(stack: DBN, data: Labelled, *, epochs: int, seed: int) -> None:
    greedy = GreedyPretraining(stack, _RBM, epochs=epochs, generator=torch.Generator().manual_seed(seed))
    optimizer = greedy.build_optimizer()
    batches = Batches(data.input, data.label, batch_size=100, seed=seed)
    for epoch in range(epochs):
        batches.sampler.set_epoch(epoch)
        greedy.begin_epoch(epoch, batches)
        for number, batch in enumerate(batches):
            done = epoch + number / len(batches)
            greedy.step(greedy.visible(batch), optimizer, epoch=done, number=epoch * len(batches) + number + 1)
            optimizer.step()


def _errors(problem: _Problem, stack: DBN | None, draws: int, seed: int) -> tuple[float, list[float]]:
    """The learning rate with the lowest mean validation error, and test errors at it; from random weights without a stack."""
    tried = []
    for rate in _RATES:
        networks = [_fine_tuned(problem, stack, rate=rate, seed=seed + draw) for draw in range(draws)]
        tried.append((statistics.mean(map(problem.validation, networks)), rate, networks))
    _, rate, best = min(tried, key=lambda each: each[0])
    return rate, [problem.test(network) for network in best]


def _fine_tuned(problem: _Problem, stack: DBN | None, *, rate: float, seed: int) -> MLP:
    generator = torch.Generator().manual_seed(seed)
    few = problem.draw(generator)
    torch.manual_seed(seed)
    network = MLP(inputs=problem.widths[0], widths=problem.widths[1:], activation="sigmoid") if stack is None else stack.to_mlp()
    options = OptimizerOptions(name="adamw", lr=rate)
    batches = Batches(few.input, few.label, batch_size=problem.batch_size, seed=seed)
    optimizer = build_optimizer(network.parameters(), options)
    schedule = build_schedule(optimizer, options, steps=problem.epochs * len(batches))
    for epoch in range(problem.epochs):
        batches.sampler.set_epoch(epoch)
        for x, label in batches:
            optimizer.zero_grad()
            LOSSES["cross-entropy"](network(x), label).backward()
            optimizer.step()
            schedule.step()
    return network


def _pictures(root: Path | None) -> _Problem:
    splits = build_data(ImageOptions(kind="mnist", root=root, validation=1 / 30), seed=0).prepared
    train, validation = _flat(splits.train), splits.validation
    assert validation is not None, "a thirtieth was asked for"
    return _Problem(
        widths=(784, 500, 500, 2000),
        gaussian=False,
        all=train,
        draw=lambda generator: train.subset(_few_of_each(train.label, count=10, generator=generator)),
        validation=_error_on(_flat(validation)),
        test=_error_on(_flat(splits.test)),
        batch_size=20,
        epochs=100,
    )


def _recordings(root: Path | None) -> _Problem:
    digits = build_spoken_digits(SpeechOptions(root=root))
    train = digits.train
    word = recording_labels(train.frames.label, train.recording)

    def draw(generator: torch.Generator) -> Labelled:
        chosen = _few_of_each(word, count=len(word) // 100, generator=generator)  # a tenth, shared by ten digits
        return train.frames.subset(torch.isin(train.recording, chosen).nonzero()[:, 0])

    return _Problem(
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
