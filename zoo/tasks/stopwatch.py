"""How long a run has trained, all its parts together."""

import time
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback


class Stopwatch(Callback):
    """Counts the seconds in ``fit``; the count goes on after a resume."""

    def __init__(self) -> None:
        self._before = 0.0
        self._started = time.perf_counter()
        self.began = False
        """Whether a step was begun: what a checkpoint held is in place."""

    @property
    def seconds(self) -> float:
        """Time spent so far."""
        return self._before + time.perf_counter() - self._started

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._started = time.perf_counter()

    def on_train_batch_start(self, *args: Any) -> None:
        self.began = True

    def state_dict(self) -> dict[str, Any]:
        return {"seconds": self.seconds}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._before = state_dict["seconds"]
