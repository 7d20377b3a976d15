"""Center loss against a loop over samples and against a training step of LeNets++; all pairs at once against a loop over pairs."""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from zoo.benchmarks.timing import check_counts, interleave, median_ratio, on_threads
from zoo.functions.cross_entropy import cross_entropy
from zoo.layers.center_loss import CenterLoss
from zoo.layers.similarity import GeneralizedSimilarity
from zoo.models.lenets_pp import LeNetsPlusPlus

_CLASSES, _FEATURES = 10, 2
_RATE = 0.5
_PAIR_FEATURES = 16
_LOOPED_PAIRS = 2000  # the loop is timed on these, and the rest taken to go as fast
_BLOCK = 1024  # rows of the table


def benchmark_metric_learning(*, batch_size: int, step_batch_size: int, things: int, threads: int, repeats: int) -> dict[str, Any]:
    """Time the center loss with the move of its centers, a training step, and a table of distances, on the CPU.

    Args:
        batch_size: Samples whose center loss is computed at once and in a loop.
        step_batch_size: Pictures of the training step.
        things: Things of either domain whose pairs are all measured.
        threads: Threads of PyTorch.
        repeats: Rounds, after one that is not counted.

    Raises:
        ZooError: A number is below one.

    Returns:
        Seconds of each contender, and ratios of their speeds.
    """
    check_counts(batch_size=batch_size, step_batch_size=step_batch_size, things=things, threads=threads, repeats=repeats)
    with on_threads(threads):
        return _centers(batch_size, repeats) | _training_step(step_batch_size, repeats) | _pairs(things, repeats)


def _centers(batch_size: int, repeats: int) -> dict[str, Any]:
    timing = interleave({"center loss": _step(batch_size), "loop over samples": _loop(batch_size)}, repeats=repeats)
    figures: dict[str, Any] = {f"{name}, batch {batch_size}": found.figures() for name, found in timing.items()}
    return figures | {"loop over samples / center loss": median_ratio(timing["loop over samples"], timing["center loss"])}


def _training_step(batch_size: int, repeats: int) -> dict[str, Any]:
    timing = interleave({"center loss": _step(batch_size), "LeNets++": _network(batch_size)}, repeats=repeats)
    share = median_ratio(timing["center loss"], timing["LeNets++"])
    return {f"LeNets++ step, batch {batch_size}": timing["LeNets++"].figures(), "center loss / LeNets++ step": share}


def _pairs(things: int, repeats: int) -> dict[str, Any]:
    timing = interleave({"table": _table(things), "loop": _loop_over_pairs(things)}, repeats=repeats)
    return {
        f"all pairs, {things:,} x {things:,}": timing["table"].figures(),
        f"loop over pairs, extrapolated from {_LOOPED_PAIRS:,}": timing["loop"].figures(),
        "loop over pairs / all pairs": median_ratio(timing["loop"], timing["table"]),
    }


def _batch(batch_size: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    feature = torch.randn(batch_size, _FEATURES, generator=generator)
    return feature.requires_grad_(), torch.randint(_CLASSES, (batch_size,), generator=generator)


def _timed(work: Callable[[], object]) -> Callable[[], float]:
    def run() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return run


def _step(batch_size: int) -> Callable[[], float]:
    """The loss, its gradient and the centers' step, as the task takes them."""
    feature, label = _batch(batch_size)
    layer = CenterLoss(_CLASSES, _FEATURES)
    optimizer = torch.optim.SGD([layer.center], lr=_RATE)

    def step() -> None:
        torch.autograd.grad(layer(feature, label), feature)
        layer.direct(feature.detach(), label)
        optimizer.step()

    return _timed(step)


def _loop(batch_size: int) -> Callable[[], float]:
    """The paper's algorithm as it is written down, a sample at a time."""
    feature, label = _batch(batch_size)
    x, center = feature.detach(), torch.zeros(_CLASSES, _FEATURES)

    def step() -> None:
        gradient, pull, count = torch.empty_like(x), torch.zeros_like(center), torch.zeros(_CLASSES)
        loss = torch.zeros(())
        for number in range(len(x)):
            own = int(label[number])
            gradient[number] = (x[number] - center[own]) / len(x)
            loss += 0.5 * (x[number] - center[own]).square().sum()
            pull[own] += center[own] - x[number]
            count[own] += 1
        for own in range(_CLASSES):
            center[own] -= _RATE * pull[own] / (1 + count[own])

    return _timed(step)


def _network(batch_size: int) -> Callable[[], float]:
    """Forward and backward pass and optimiser step on cross-entropy alone."""
    model = LeNetsPlusPlus()
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    image, label = torch.randn(batch_size, 1, 28, 28), _batch(batch_size)[1]

    def step() -> None:
        loss = cross_entropy(model(image), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return _timed(step)


def _domains(things: int) -> tuple[GeneralizedSimilarity, Tensor, Tensor]:
    measure = GeneralizedSimilarity(_PAIR_FEATURES, _PAIR_FEATURES, rank=_PAIR_FEATURES).requires_grad_(False)
    x, y = torch.randn(2, things, _PAIR_FEATURES, generator=torch.Generator().manual_seed(0))
    return measure, x, y


def _table(things: int) -> Callable[[], float]:
    """Blocks of rows, each used (here for its nearest) and let go: memory for one block."""
    measure, x, y = _domains(things)
    return _timed(lambda: [rows.argmin(1) for rows in measure.rows(x, y, block=_BLOCK)])


def _loop_over_pairs(things: int) -> Callable[[], float]:
    """A call of the measure a pair; the time of all pairs is that of some, times their number."""
    measure, x, y = _domains(things)
    looped = min(_LOOPED_PAIRS, things**2)

    def run() -> float:
        start = time.perf_counter()
        for number in range(looped):
            row, column = divmod(number, things)
            measure(x[row : row + 1], y[column : column + 1])
        return (time.perf_counter() - start) / looped * things**2

    return run
