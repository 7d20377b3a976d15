"""What a run must have back, beside weights and optimiser, to go on as if it had never stopped."""

import random
from typing import Any, cast

import numpy as np
import pytorch_lightning as pl
import torch
import torch.distributed as dist
from pytorch_lightning.callbacks import Callback

from zoo.errors import ZooError
from zoo.tasks.epoch_mean import AveragesLoss


class ExactState(Callback):
    """Keeps, for each process, the place in the data, the random state of Python, NumPy, torch and its device, and the epoch's sums.

    They are set back when training starts. Put it last, so that no other callback's start draws from them. Lightning
    saves the loader's place as well, but sets it back only if nobody has asked for the number of steps before.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, Any] | None = None

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        self._task = pl_module

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._loader = cast(Any, trainer.train_dataloader)
        if self._loaded is not None:
            self._loader.load_state_dict(self._loaded["place"])
            _set_random_state(self._loaded["random"])
            self._loaded = None

    def state_dict(self) -> dict[str, Any]:
        sums = self._task.epoch_loss.sums if isinstance(self._task, AveragesLoss) else None
        mine = {"place": self._loader.state_dict(), "random": _random_state(), "sums": sums}
        if not dist.is_initialized():
            return {"processes": [mine]}
        everyone: list[Any] = [None] * dist.get_world_size()
        dist.all_gather_object(everyone, mine)
        return {"processes": everyone}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        saved = state_dict["processes"]
        rank, world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
        if len(saved) != world:
            raise ZooError(f"the run was on {len(saved)} devices, this start is on {world}; it goes on exactly on as many as it began with")
        self._loaded = saved[rank]
        if isinstance(self._task, AveragesLoss):  # here, for a run that had done its last step no training starts
            self._task.epoch_loss.sums = saved[rank]["sums"].to(self._task.device)


def _random_state() -> dict[str, Any]:
    kind, key, *position = np.random.get_state()
    return {
        "python": random.getstate(),
        "numpy": [kind, torch.from_numpy(np.asarray(key).astype(np.int64)), *position],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state() if torch.cuda.is_initialized() else None,
        "mps": torch.mps.get_rng_state() if torch.backends.mps.is_available() else None,
    }


def _set_random_state(state: dict[str, Any]) -> None:
    kind, key, *position = state["numpy"]
    random.setstate(state["python"])
    np.random.set_state((kind, key.numpy(), *position))
    torch.set_rng_state(state["torch"].cpu())
    if state["cuda"] is not None and torch.cuda.is_initialized():
        torch.cuda.set_rng_state(state["cuda"].cpu())
    if state["mps"] is not None and torch.backends.mps.is_available():
        torch.mps.set_rng_state(state["mps"].cpu())
