"""A sequence forward and back against nn.LSTM, a loop over nn.LSTMCell, and the matrix products alone."""

from dataclasses import dataclass
from typing import Any

from zoo.cli.benchmark.options import TimingOptions


@dataclass(frozen=True)
class Options(TimingOptions):
    """Time a sequence forward and back, contenders taking turns."""

    steps: int = 50
    """Steps of the sequence."""
    batch_size: int = 50
    """Sequences side by side."""
    hidden: tuple[int, ...] = (128, 256, 512)
    """Hidden units, as many as inputs; one comparison each."""
    threads: tuple[int, ...] = (1, 2)
    """Threads of PyTorch; one comparison each."""
    repeats: int = 20


def measure(options: Options) -> dict[str, Any]:
    """All figures, by name."""
    from zoo.benchmarks.lstm import benchmark_lstm

    return benchmark_lstm(
        steps=options.steps, batch_size=options.batch_size, hidden=options.hidden, threads=options.threads, repeats=options.repeats
    )
