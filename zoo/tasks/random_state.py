"""Random numbers (dropout masks) go on after a resume where they were."""

from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback


class RandomState(Callback):
    """Keeps torch's random state of the CPU and of every GPU in the checkpoint."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] | None = None

    def state_dict(self) -> dict[str, Any]:
        return {"cpu": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._loaded = state_dict

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if self._loaded is not None:
            torch.set_rng_state(self._loaded["cpu"].cpu())
            torch.cuda.set_rng_state_all([state.cpu() for state in self._loaded["cuda"]])
            self._loaded = None
