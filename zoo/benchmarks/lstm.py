"""A sequence through an LSTM, forward and back: the zoo against ``nn.LSTM``, a loop over cells, and the matrix products alone."""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from zoo.benchmarks.timing import check_counts, interleave, median_ratio, on_threads
from zoo.layers.lstm import LSTM


def benchmark_lstm(*, steps: int, batch_size: int, hidden: tuple[int, ...], threads: tuple[int, ...], repeats: int) -> dict[str, Any]:
    """Time forward and backward pass of one layer, with as many inputs as hidden units, in single precision on the CPU.

    Raises:
        ZooError: A number is below one.

    Returns:
        For every number of threads and hidden units: seconds of each contender, and ratios of their speeds.
    """
    check_counts(steps=steps, batch_size=batch_size, hidden=hidden, threads=threads, repeats=repeats)
    figures: dict[str, Any] = {}
    for count in threads:
        with on_threads(count):
            for size in hidden:
                figures[f"hidden {size}, threads {count}"] = _compare(steps, batch_size, size, repeats)
    return figures


def _compare(steps: int, batch_size: int, hidden: int, repeats: int) -> dict[str, Any]:
    x = torch.randn(steps, batch_size, hidden, requires_grad=True)
    zoo, native, cell = LSTM(hidden, hidden), nn.LSTM(hidden, hidden), nn.LSTMCell(hidden, hidden)
    timing = interleave(
        {
            "zoo": lambda: _pass(lambda: zoo(x)[0], [x, *zoo.parameters()]),
            "nn.LSTM": lambda: _pass(lambda: native(x)[0], [x, *native.parameters()]),
            "loop over nn.LSTMCell": lambda: _pass(lambda: loop_over_cells(cell, x), [x, *cell.parameters()]),
            "matrix products alone": lambda: _products(x.detach(), cell.weight_ih.detach()),
        },
        repeats=repeats,
    )
    figures: dict[str, Any] = {name: found.figures() for name, found in timing.items()}
    figures["loop over nn.LSTMCell / zoo"] = median_ratio(timing["loop over nn.LSTMCell"], timing["zoo"])
    figures["zoo / nn.LSTM"] = median_ratio(timing["zoo"], timing["nn.LSTM"])
    figures["zoo / matrix products alone"] = median_ratio(timing["zoo"], timing["matrix products alone"])
    return figures


def _pass(forward: Callable[[], Tensor], variables: list[Tensor]) -> float:
    upstream = torch.ones_like(variables[0])
    start = time.perf_counter()
    torch.autograd.grad(forward(), variables, upstream)
    return time.perf_counter() - start


def loop_over_cells(cell: nn.LSTMCell, x: Tensor) -> Tensor:
    """What one writes without a sequence function: the hidden state of every step, under autograd."""
    state, output = None, []
    for step in x:
        state = cell(step, state)
        output.append(state[0])
    return torch.stack(output)


def _products(x: Tensor, weight: Tensor) -> float:
    """What no implementation can leave out: six products of the same number of operations, two of them step by step."""
    rows, h = x.flatten(0, 1), torch.randn_like(x[0])
    start = time.perf_counter()
    z = rows @ weight.T
    for step in z.split(len(h)):
        torch.mm(h, weight.T, out=step)
    for step in z.split(len(h)):
        torch.mm(step, weight, out=h)
    for product in (lambda: z @ weight, lambda: z.T @ rows, lambda: z.T @ rows):
        product()
    return time.perf_counter() - start
