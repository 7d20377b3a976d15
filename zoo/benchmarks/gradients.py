"""Forward and backward pass of each function: by hand, on PyTorch's own derivatives, and those compiled."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zoo.benchmarks.timing import interleave, median_ratio
from zoo.functions import native
from zoo.functions.draw import Draw
from zoo.functions.map_loss import map_loss
from zoo.functions.registry import FunctionEntry
from zoo.registry import get_model

CONTENDERS = ("manual", "native", "compiled native")


@dataclass(frozen=True)
class SpeedRow:
    """Milliseconds of one forward and backward pass, medians over the rounds."""

    name: str
    size: str
    milliseconds: dict[str, float]
    ratio: dict[str, float]
    """Median of the round-by-round ratios of the manual time to each other contender's."""


def benchmark_function(entry: FunctionEntry, *, device: str, repeats: int, compiled: bool) -> SpeedRow:
    """Time a function on the arguments that its entry has for that.

    Args:
        entry: A function with a ``workload``.
        device: Where to compute.
        repeats: Rounds, after one that is not counted.
        compiled: Whether to compile the native twin as well, which takes some seconds.
    """
    if entry.workload is None:
        raise ValueError(f"{entry.name} has no workload to be timed on")
    arguments = entry.workload(Draw(dtype=torch.float32, device=device))
    size = " ".join("x".join(map(str, each.shape)) for each in arguments if isinstance(each, Tensor) and each.dim())
    functions = {"manual": entry.manual, "native": entry.native}
    if compiled:
        functions["compiled native"] = torch.compile(entry.native)
    return _row(entry.name, size, {name: _pass(function, arguments, device) for name, function in functions.items()}, repeats)


def benchmark_lenet5(*, batch_size: int, device: str, repeats: int, compiled: bool) -> SpeedRow:
    """Time the whole network with its loss, forward and back: a training step without the optimiser."""
    draw = Draw(dtype=torch.float32, device=device)
    image, label = draw.constant(batch_size, 1, 32, 32), draw.index(batch_size, below=10)
    model = get_model("lenet5").to(device)

    def loss(*parameters: Tensor) -> Tensor:
        return map_loss(model(image), label)

    def native_loss(*parameters: Tensor) -> Tensor:
        with native():
            return loss()

    functions = {"manual": loss, "native": native_loss}
    if compiled:
        functions["compiled native"] = torch.compile(loss)  # a compiler gets the native side by itself
    parameters = tuple(model.parameters())
    contenders = {name: _pass(function, parameters, device) for name, function in functions.items()}
    return _row("lenet5 with its loss", f"batch {batch_size}", contenders, repeats)


def _row(name: str, size: str, contenders: dict[str, Callable[[], float]], repeats: int) -> SpeedRow:
    for contender in contenders.values():
        contender()  # compiles, and fills the caches
    timing = interleave(contenders, repeats=repeats)
    ratio = {other: median_ratio(timing["manual"], found) for other, found in timing.items() if other != "manual"}
    return SpeedRow(name, size, {other: 1e3 * found.median for other, found in timing.items()}, ratio)


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
