"""Contrastive divergence: the zoo against scikit-learn, a plain PyTorch loop, and the five matrix products of a step alone.

All learn 784-500 or the like from the same random binary pictures, in batches of the same size, in single precision. What
scikit-learn does is persistent CD-1 without momentum: the same products, random numbers and sigmoids.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from zoo.benchmarks.timing import check_counts, interleave, median_ratio, on_threads
from zoo.functions.coins import Coins
from zoo.models.rbm import RBM
from zoo.tasks.contrastive_divergence import ContrastiveDivergence
from zoo.tasks.rbm_options import RBMOptions

_LR, _MOMENTUM = 0.01, 0.5
_INK = 0.13  # share of MNIST's pixels that are more than half black


def benchmark_rbm(*, pictures: int, batch_size: int, hidden: int, threads: tuple[int, ...], repeats: int) -> dict[str, Any]:
    """Time an epoch of CD-1 on pictures of 784 pixels, on the CPU; set-up, the same for all, is not counted.

    Raises:
        ZooError: A number is below one.

    Returns:
        For every number of threads: seconds of each contender, and ratios of their speeds.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn, whose products have threads of their own

    check_counts(pictures=pictures, batch_size=batch_size, hidden=hidden, threads=threads, repeats=repeats)
    data = (torch.rand(pictures, 784, generator=torch.Generator().manual_seed(0)) < _INK).float()
    figures: dict[str, Any] = {}
    for count in threads:
        with on_threads(count), threadpool_limits(count):
            figures[f"threads {count}"] = _compare(data, batch_size, hidden, repeats)
    return figures


def _compare(data: Tensor, batch_size: int, hidden: int, repeats: int) -> dict[str, Any]:
    epochs: dict[str, Callable[[], None]] = {
        "zoo": _zoo(data, batch_size, hidden),
        "scikit-learn": _scikit_learn(data, batch_size, hidden),
        "plain PyTorch loop": _plain(data, batch_size, hidden),
        "five matrix products alone": _products(data, batch_size, hidden),
    }
    timing = interleave({name: partial(_seconds, epoch) for name, epoch in epochs.items()}, repeats=repeats)
    figures: dict[str, Any] = {name: found.figures() for name, found in timing.items()}
    for name in ("scikit-learn", "plain PyTorch loop"):
        figures[f"{name} / zoo"] = median_ratio(timing[name], timing["zoo"])
    figures["zoo / five matrix products alone"] = median_ratio(timing["zoo"], timing["five matrix products alone"])
    return figures


def _seconds(epoch: Callable[[], None]) -> float:
    start = time.perf_counter()
    epoch()
    return time.perf_counter() - start


def _zoo(data: Tensor, batch_size: int, hidden: int) -> Callable[[], None]:
    model = RBM(visible=data.shape[1], hidden=hidden)
    divergence = ContrastiveDivergence(model, RBMOptions(), Coins(torch.Generator().manual_seed(0)))
    optimizer = torch.optim.SGD(model.parameters(), lr=_LR, momentum=_MOMENTUM, fused=True)

    def epoch() -> None:
        for visible in data.split(batch_size):
            divergence.step(visible)
            optimizer.step()

    return epoch


def _scikit_learn(data: Tensor, batch_size: int, hidden: int) -> Callable[[], None]:
    from sklearn.neural_network import BernoulliRBM

    model = BernoulliRBM(n_components=hidden, learning_rate=_LR, batch_size=batch_size, n_iter=1, random_state=0)
    array = data.numpy()

    def epoch() -> None:
        model.fit(array)

    return epoch


def _plain(data: Tensor, batch_size: int, hidden: int) -> Callable[[], None]:
    """As one writes it down."""
    weight, b, c = 0.01 * torch.randn(hidden, data.shape[1]), torch.zeros(data.shape[1]), torch.zeros(hidden)
    speed = [torch.zeros_like(each) for each in (weight, b, c)]

    def epoch() -> None:
        for v0 in data.split(batch_size):
            p0 = torch.sigmoid(v0 @ weight.T + c)
            v1 = torch.bernoulli(torch.sigmoid(torch.bernoulli(p0) @ weight + b))
            p1 = torch.sigmoid(v1 @ weight.T + c)
            change = ((p0.T @ v0 - p1.T @ v1) / len(v0), (v0 - v1).mean(0), (p0 - p1).mean(0))
            for parameter, last, each in zip((weight, b, c), speed, change, strict=True):
                last.mul_(_MOMENTUM).add_(each)
                parameter.add_(last, alpha=_LR)

    return epoch


def _products(data: Tensor, batch_size: int, hidden: int) -> Callable[[], None]:
    """What no implementation can leave out, into memory that is there."""
    weight, state = 0.01 * torch.randn(hidden, data.shape[1]), torch.rand(batch_size, hidden).round()
    up, down, change = torch.empty_like(state), torch.empty(batch_size, data.shape[1]), torch.empty_like(weight)

    def epoch() -> None:
        for visible in data.split(batch_size):
            rows = len(visible)
            for _ in range(2):
                torch.mm(visible, weight.mT, out=up[:rows])
                torch.mm(state[:rows].mT, visible, out=change)
            torch.mm(state[:rows], weight, out=down[:rows])

    return epoch
