"""Forward and backward pass of each function: by hand, on PyTorch's own derivatives, and those compiled."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zoo.benchmarks.lstm import loop_over_cells
from zoo.benchmarks.timing import interleave, on_threads
from zoo.functions import native
from zoo.functions.draw import Draw
from zoo.functions.map_loss import map_loss
from zoo.functions.registry import FunctionEntry
from zoo.layers.lstm import LSTM
from zoo.registry import get_model

CONTENDERS = ("manual", "native", "compiled native")
SEQUENCE_CONTENDERS = ("manual", "native", "loop over cells")


@dataclass(frozen=True)
class SpeedOptions:
    """How to time."""

    device: str
    """``cpu`` or ``cuda``, where the number of CPU threads does not matter and the first is taken."""
    repeats: int
    """Rounds, after one that is not counted."""
    threads: tuple[int, ...]
    """Numbers of CPU threads to try; every contender gets the one that suits it best."""
    compiled: bool
    """Whether to compile the native twin as well, which takes some seconds a function."""


@dataclass(frozen=True)
class SpeedRow:
    """One forward and backward pass of each contender, on the number of threads that suits it best."""

    name: str
    size: str
    milliseconds: dict[str, float]
    """Median over the rounds."""
    threads: dict[str, int]

    def ratio(self, other: str) -> float:
        """The manual time as a multiple of another contender's."""
        return self.milliseconds["manual"] / self.milliseconds[other]


def benchmark_function(entry: FunctionEntry, options: SpeedOptions) -> SpeedRow:
    """Time a function on its workload.

    Raises:
        ValueError: It has none.
    """
    if entry.workload is None:
        raise ValueError(f"{entry.name} has no workload to be timed on")
    arguments = entry.workload(Draw(dtype=torch.float32, device=options.device))
    size = " ".join("x".join(map(str, each.shape)) for each in arguments if isinstance(each, Tensor) and each.dim())
    functions = {"manual": entry.manual, "native": entry.native}
    if options.compiled:
        functions["compiled native"] = torch.compile(entry.native)
    return _row(entry.name, size, {name: _pass(function, arguments, options.device) for name, function in functions.items()}, options)


def benchmark_lenet5(options: SpeedOptions, *, batch_size: int = 256) -> SpeedRow:
    """Time the whole network with its loss, forward and back: a training step without the optimiser."""
    draw = Draw(dtype=torch.float32, device=options.device)
    image, label = draw.constant(batch_size, 1, 32, 32), draw.index(batch_size, below=10)
    model = get_model("lenet5").to(options.device)

    def loss(*parameters: Tensor) -> Tensor:
        return map_loss(model(image), label)

    def native_loss(*parameters: Tensor) -> Tensor:
        with native():
            return loss()

    functions = {"manual": loss, "native": native_loss}
    if options.compiled:
        functions["compiled native"] = torch.compile(loss)  # a compiler gets the native side by itself
    parameters = tuple(model.parameters())
    contenders = {name: _pass(function, parameters, options.device) for name, function in functions.items()}
    return _row("lenet5 with its loss", f"batch {batch_size}", contenders, options)


def benchmark_sequence(options: SpeedOptions, *, hidden: int, steps: int = 50, batch_size: int = 50) -> SpeedRow:
    """Time a whole LSTM sequence by hand, on ``nn.LSTM``'s kernels, and as a loop over ``nn.LSTMCell`` under autograd."""
    draw = Draw(dtype=torch.float32, device=options.device)
    x, layer = draw(steps, batch_size, hidden), LSTM(hidden, hidden).to(options.device)
    cell = nn.LSTMCell(hidden, hidden).to(options.device)

    def native_layer(x: Tensor, *parameters: Tensor) -> Tensor:
        with native():
            return layer(x)[0]

    contenders = {
        "manual": _pass(lambda x, *parameters: layer(x)[0], (x, *layer.parameters()), options.device),
        "native": _pass(native_layer, (x, *layer.parameters()), options.device),
        "loop over cells": _pass(lambda x, *parameters: loop_over_cells(cell, x), (x, *cell.parameters()), options.device),
    }
    return _row("lstm", f"{steps} steps, batch {batch_size}, hidden {hidden}", contenders, options)


def _row(name: str, size: str, contenders: dict[str, Callable[[], float]], options: SpeedOptions) -> SpeedRow:
    best: dict[str, tuple[float, int]] = {}
    for count in options.threads[:1] if options.device == "cuda" else options.threads:
        with on_threads(count):
            for contender in contenders.values():
                contender()  # compiles, and fills the caches
            for other, timing in interleave(contenders, repeats=options.repeats).items():
                best[other] = min(best.get(other, (float("inf"), 0)), (1e3 * timing.median, count))
    return SpeedRow(name, size, {other: found for other, (found, _) in best.items()}, {other: count for other, (_, count) in best.items()})


def _pass(function: Callable[..., Any], arguments: tuple[Any, ...], device: str) -> Callable[[], float]:
    wanted = [each for each in arguments if isinstance(each, Tensor) and each.requires_grad]

    def once() -> float:
        _wait(device)
        start = time.perf_counter()
        out = function(*arguments)
        values = [value for value in ([out] if isinstance(out, Tensor) else out) if value.requires_grad]
        torch.autograd.grad(values, wanted, [torch.ones_like(value) for value in values], allow_unused=True)
        _wait(device)
        return time.perf_counter() - start

    return once


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
