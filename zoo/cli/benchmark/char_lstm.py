"""A training step, and writing one text or many, against loops over nn.LSTM and nn.LSTMCell."""

from dataclasses import dataclass
from typing import Any, Literal

from zoo.cli.benchmark.options import TimingOptions


@dataclass(frozen=True)
class Options(TimingOptions):
    """Time training on characters and writing them, contenders taking turns."""

    hidden: tuple[int, ...] = (128, 512)
    """Hidden units of each layer; one comparison each."""
    layers: int = 2
    """Recurrent layers."""
    window: int = 50
    """Characters of a training step."""
    batch_size: int = 50
    """Texts side by side."""
    threads: tuple[int, ...] = (1, 2)
    """Threads of PyTorch; the best of all is compared with the best."""
    repeats: int = 10
    matmul: Literal["highest", "high", "medium"] = "highest"
    """How precisely all contenders multiply float32 matrices; the recipes train at medium."""


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.char_lstm import benchmark_char_lstm
    from zoo.functions.products import multiplying

    with multiplying(options.matmul):
        return benchmark_char_lstm(
            hidden=options.hidden,
            layers=options.layers,
            window=options.window,
            batch_size=options.batch_size,
            threads=options.threads,
            repeats=options.repeats,
        )
