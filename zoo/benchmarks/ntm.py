"""Training steps of a neural Turing machine on the copy task: the zoo against the machine as it is commonly written."""

import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from zoo.benchmarks.plain_ntm import PlainNTM
from zoo.benchmarks.timing import check_counts, interleave, median_ratio, on_threads
from zoo.data.algorithmic import copy
from zoo.models.ntm import NeuralTuringMachine


def benchmark_ntm(*, length: int, batch_size: tuple[int, ...], threads: tuple[int, ...], repeats: int) -> dict[str, Any]:
    """Time a training step (forward, backward, clipped update) of machines of the paper's size, on the CPU.

    Raises:
        ZooError: A number is below one.

    Returns:
        For every number of threads and sequences a step: seconds a step of each contender, and how many times the sequences a second of
        the plain machine the zoo's has.
    """
    check_counts(length=length, batch_size=batch_size, threads=threads, repeats=repeats)
    figures: dict[str, Any] = {}
    for count in threads:
        with on_threads(count):
            for size in batch_size:
                figures[f"batch {size}, threads {count}"] = _compare(length, size, repeats)
    return figures


def _compare(length: int, batch_size: int, repeats: int) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(0)
    x, target, asked = copy(batch_size, length, generator)

    def contender(model: nn.Module) -> Callable[[], float]:
        optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-4, momentum=0.9)

        def step() -> float:
            start = time.perf_counter()
            loss = F.binary_cross_entropy_with_logits(model(x)[:, asked], target[:, asked])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), 10.0)
            optimizer.step()
            return time.perf_counter() - start

        return step

    timing = interleave({"zoo": contender(NeuralTuringMachine()), "plain": contender(PlainNTM(9, 8))}, repeats=repeats)
    figures: dict[str, Any] = {name: found.figures() | {"sequences a second": batch_size / found.median} for name, found in timing.items()}
    figures["plain / zoo"] = median_ratio(timing["plain"], timing["zoo"])
    return figures
