"""Ctrl-C and SIGTERM end a training between two steps, with the last finished epoch saved."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback


class Interrupted(Exception):
    """Raised between two steps after a signal asked the training to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class StopOnSignal(Callback):
    """Raises ``Interrupted`` at the end of the step in which a signal came."""

    def __init__(self) -> None:
        self.received: int | None = None

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        if self.received is not None:
            raise Interrupted(self.received)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM inside the block; the second one acts as it would without us."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def remember(number: int, frame: FrameType | None) -> None:
            self.received = number
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

        for number in before:
            signal.signal(number, remember)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
