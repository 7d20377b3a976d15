"""Contrastive divergence: the zoo against scikit-learn, a plain PyTorch loop, and the five matrix products of a step alone.

All learn 784-500 or the like from the same random binary pictures, in batches of the same size, in single precision. What
scikit-learn does is persistent CD-1 without momentum: the same products, random numbers and sigmoids. The zoo takes the steps that
its trainings take, with the look at the largest weight.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from zoo.benchmarks.timing import check_counts, check_device, interleave, median_ratio, on_threads
from zoo.models.dbn import DBN
from zoo.models.rbm import RBM
from zoo.tasks.greedy import GreedyPretraining
from zoo.tasks.rbm_options import RBMOptions

_LR, _MOMENTUM = 0.01, 0.5
_REST = 0.3  # seconds, in which scikit-learn's threads fall asleep
_INK = 0.13  # share of MNIST's pixels that are more than half black


def benchmark_rbm(
    *, pictures: int, batch_size: int, hidden: int, threads: tuple[int, ...], repeats: int, device: str = "cpu"
) -> dict[str, Any]:
    """Time an epoch of CD-1 on pictures of 784 pixels; set-up, the same for all, is not counted.

    Raises:
        ZooError: A number is below one, or there is no such device.

    Returns:
        For every number of threads: seconds of each contender, and ratios of their speeds.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn, whose products have threads of their own

    check_counts(pictures=pictures, batch_size=batch_size, hidden=hidden, threads=threads, repeats=repeats)
    check_device(device)
    data = (torch.rand(pictures, 784, generator=torch.Generator().manual_seed(0)) < _INK).float().to(device)
    figures: dict[str, Any] = {}
    for count in threads[:1] if data.is_cuda else threads:
        with on_threads(count), threadpool_limits(count):
            figures[f"threads {count}"] = _compare(data, batch_size, hidden, repeats)
    return figures


def _compare(data: Tensor, batch_size: int, hidden: int, repeats: int) -> dict[str, Any]:
    epochs: dict[str, Callable[[], None]] = {
        "zoo": _zoo(data, batch_size, hidden),
        "plain PyTorch loop": _plain(data, batch_size, hidden),
        "five matrix products alone": _products(data, batch_size, hidden),
    }
    if not data.is_cuda:
        epochs["scikit-learn"] = _scikit_learn(data, batch_size, hidden)
    turns = {name: partial(_seconds, epoch, on_gpu=data.is_cuda) for name, epoch in epochs.items()}
    timing = interleave(turns, repeats=repeats, rest=_REST)
    figures: dict[str, Any] = {name: found.figures() for name, found in timing.items()}
    if data.is_cuda:
        figures["share of the five matrix products in zoo"] = median_ratio(timing["five matrix products alone"], timing["zoo"])
    else:
        figures["scikit-learn / zoo"] = median_ratio(timing["scikit-learn"], timing["zoo"])
        figures["zoo / five matrix products alone"] = median_ratio(timing["zoo"], timing["five matrix products alone"])
    figures["plain PyTorch loop / zoo"] = median_ratio(timing["plain PyTorch loop"], timing["zoo"])
    return figures


def _seconds(epoch: Callable[[], None], *, on_gpu: bool) -> float:
    wait = torch.cuda.synchronize if on_gpu else lambda: None  # a GPU's work goes on when the call is over
    wait()
    start = time.perf_counter()
    epoch()
    wait()
    return time.perf_counter() - start


def _zoo(data: Tensor, batch_size: int, hidden: int) -> Callable[[], None]:
    stack = DBN([RBM(visible=data.shape[1], hidden=hidden)]).to(data.device)
    generator = torch.Generator(data.device).manual_seed(0)
    greedy = GreedyPretraining(stack, RBMOptions(lr=_LR, momentum=_MOMENTUM), epochs=1, generator=generator)
    greedy.begin_epoch(0, [(data, data.new_zeros(len(data), dtype=torch.long))])
    optimizer = greedy.build_optimizer()

    def epoch() -> None:
        for number, visible in enumerate(data.split(batch_size), 1):
            greedy.step(visible, optimizer, epoch=0, number=number)
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
    weight, b, c = 0.01 * _noise(data, hidden, data.shape[1]), data.new_zeros(data.shape[1]), data.new_zeros(hidden)
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
    weight, state = 0.01 * _noise(data, hidden, data.shape[1]), (_noise(data, batch_size, hidden) > 0).to(data)
    up, down, change = torch.empty_like(state), data.new_empty(batch_size, data.shape[1]), torch.empty_like(weight)

    def epoch() -> None:
        for visible in data.split(batch_size):
            rows = len(visible)
            for _ in range(2):
                torch.mm(visible, weight.mT, out=up[:rows])
                torch.mm(state[:rows].mT, visible, out=change)
            torch.mm(state[:rows], weight, out=down[:rows])

    return epoch


def _noise(data: Tensor, *shape: int) -> Tensor:
    return torch.randn(shape, device=data.device)
