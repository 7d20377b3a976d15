"""The character network, training and writing, against plain PyTorch over ``nn.LSTM`` and over ``nn.LSTMCell``.

All have the same sizes, and train with the same optimiser and clipping.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from zoo.benchmarks.timing import Timing, check_counts, interleave, median_ratio, on_threads
from zoo.functions.cross_entropy import cross_entropy
from zoo.models.char_lstm import CharLSTM
from zoo.models.char_sampling import Sampling, Stepper, draw

_SYMBOLS, _EMBEDDING = 100, 64
_SAMPLING = Sampling(0.6)


def benchmark_char_lstm(
    *, hidden: tuple[int, ...], layers: int, window: int, batch_size: int, threads: tuple[int, ...], repeats: int
) -> dict[str, Any]:
    """Time a training step, and the writing of a window's characters for one text and for a batch, on the CPU.

    Raises:
        ZooError: A number is below one.

    Returns:
        For every size and number of threads: seconds of each contender, characters a second, and ratios of their speeds; then
        each size's ratios over the best contender at any number of threads.
    """
    check_counts(hidden=hidden, layers=layers, window=window, batch_size=batch_size, threads=threads, repeats=repeats)
    return {f"{layers}x{size}": _compare(size, layers, window, batch_size, threads, repeats) for size in hidden}


def _compare(hidden: int, layers: int, window: int, batch: int, threads: tuple[int, ...], repeats: int) -> dict[str, Any]:
    """All contenders take turns at all numbers of threads, so that the best of each can be compared."""
    models: dict[str, _Contender] = {
        "zoo": _Zoo(hidden, layers),
        "nn.LSTM": _Whole(hidden, layers),
        "nn.LSTMCell": _Cells(hidden, layers),
    }
    figures: dict[str, Any] = {}
    for title, rows, length in (("training", batch, window), ("writing one", 1, 4 * window), (f"writing {batch}", batch, window)):
        works = {
            f"{name}, {count} thread{'s' * (count > 1)}": partial(_timed, count, _work(model, title, rows, length))
            for count, (name, model) in itertools.product(threads, models.items())
        }
        timing = interleave(works, repeats=repeats)
        figures[title] = _summary(timing, characters=rows * length)
    one, many = (max(_rates(figures[title]).values()) for title in ("writing one", f"writing {batch}"))
    figures[f"characters a second, {batch} / one"] = many / one
    return figures


def _summary(timing: dict[str, Timing], *, characters: int) -> dict[str, Any]:
    figures: dict[str, Any] = {name: found.figures() | {"characters a second": characters / found.median} for name, found in timing.items()}
    zoo, rest = ([found for name, found in timing.items() if name.startswith("zoo") == ours] for ours in (True, False))
    figures["zoo / best of the others (speed)"] = median_ratio(min(rest, key=_median), min(zoo, key=_median))
    return figures


def _rates(figures: dict[str, Any]) -> dict[str, float]:
    """Characters a second of the zoo's own."""
    return {name: found["characters a second"] for name, found in figures.items() if name.startswith("zoo,")}


def _median(timing: Timing) -> float:
    return timing.median


def _timed(threads: int, work: Callable[[], None]) -> float:
    with on_threads(threads):
        start = time.perf_counter()
        work()
        return time.perf_counter() - start


def _work(model: "_Contender", title: str, rows: int, length: int) -> Callable[[], None]:
    if title != "training":
        return lambda: model.write(rows, length, torch.Generator().manual_seed(0))
    text = torch.randint(2, _SYMBOLS, (rows, length + 1), generator=torch.Generator().manual_seed(0))
    return _training(model, text)


def _training(model: "_Contender", text: Tensor) -> Callable[[], None]:
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)

    def step() -> None:
        optimizer.zero_grad()
        model.loss(text[:, :-1], text[:, 1:]).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


@runtime_checkable
class _Contender(Protocol):
    """A character network with its loops."""

    def parameters(self) -> Iterator[nn.Parameter]: ...

    def loss(self, source: Tensor, target: Tensor) -> Tensor:
        """Cross-entropy of the symbols after those of ``source``."""

    def write(self, rows: int, length: int, generator: torch.Generator) -> None:
        """Draw so many symbols for so many texts, one after the other."""


class _Zoo(nn.Module):
    """What the zoo does."""

    def __init__(self, hidden: int, layers: int) -> None:
        super().__init__()
        self.model = CharLSTM(characters=_SYMBOLS, hidden=hidden, layers=layers, embedding=_EMBEDDING)

    def loss(self, source: Tensor, target: Tensor) -> Tensor:
        scores, _ = self.model.read(source)
        return cross_entropy(scores.flatten(0, 1), target.flatten())

    def write(self, rows: int, length: int, generator: torch.Generator) -> None:
        stepper, symbol = Stepper(self.model, None, count=rows), torch.zeros(rows, dtype=torch.long)
        for _ in range(length):
            symbol = draw(stepper.step(symbol), _SAMPLING, generator)


class _Whole(nn.Module):
    """What one writes with ``nn.LSTM``."""

    def __init__(self, hidden: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(_SYMBOLS, _EMBEDDING)
        self.lstm = nn.LSTM(_EMBEDDING, hidden, layers, batch_first=True)
        self.head = nn.Linear(hidden, _SYMBOLS)

    def loss(self, source: Tensor, target: Tensor) -> Tensor:
        hidden, _ = self.lstm(self.embedding(source))
        return nn.functional.cross_entropy(self.head(hidden).flatten(0, 1), target.flatten())

    @torch.no_grad()
    def write(self, rows: int, length: int, generator: torch.Generator) -> None:
        symbol, state = torch.zeros(rows, 1, dtype=torch.long), None
        for _ in range(length):
            hidden, state = self.lstm(self.embedding(symbol), state)
            symbol = _draw(self.head(hidden[:, 0]), generator)


class _Cells(nn.Module):
    """What one writes with ``nn.LSTMCell``."""

    def __init__(self, hidden: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(_SYMBOLS, _EMBEDDING)
        self.cells = nn.ModuleList(nn.LSTMCell(hidden if layer else _EMBEDDING, hidden) for layer in range(layers))
        self.head = nn.Linear(hidden, _SYMBOLS)

    def _step(self, x: Tensor, states: list[Any]) -> Tensor:
        for number, cell in enumerate(self.cells):
            states[number] = cell(x, states[number])
            x = states[number][0]
        return x

    def loss(self, source: Tensor, target: Tensor) -> Tensor:
        states: list[Any] = [None] * len(self.cells)
        hidden = torch.stack([self._step(x, states) for x in self.embedding(source).unbind(1)], 1)
        return nn.functional.cross_entropy(self.head(hidden).flatten(0, 1), target.flatten())

    @torch.no_grad()
    def write(self, rows: int, length: int, generator: torch.Generator) -> None:
        symbol, states = torch.zeros(rows, 1, dtype=torch.long), [None] * len(self.cells)
        for _ in range(length):
            symbol = _draw(self.head(self._step(self.embedding(symbol[:, 0]), states)), generator)


def _draw(scores: Tensor, generator: torch.Generator) -> Tensor:
    """As one writes it down."""
    return (scores / _SAMPLING.temperature).softmax(-1).multinomial(1, generator=generator)
