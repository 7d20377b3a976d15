"""When a run saves what it needs to go on, where, and how it finds it again."""

import re
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.plugins.io.checkpoint_io import CheckpointIO
from pytorch_lightning.callbacks import Checkpoint, ModelCheckpoint

from zoo.errors import ZooError
from zoo.recipes.checkpoint_file import read_checkpoint, write_checkpoint
from zoo.recipes.comparison import differences, what_counts
from zoo.recipes.interruption import Interrupted, Signals
from zoo.recipes.options import Recipe
from zoo.tasks.board import board_writer
from zoo.tasks.finite_guard import check_finite

FOLDER = Path("checkpoints")
_NAME = re.compile(r"step-[0-9]{9}\.ckpt")  # a file of another name is a user's own, neither read nor taken away
_GENERATIONS = 2  # the newest, and one to fall back on
_PATHS = ("best_model_path", "kth_best_model_path", "last_model_path")  # in the state of Lightning's callback
_DEVICES = "trainer.devices"
_PARTS = {
    "recipe": dict,
    "state_dict": dict,
    "loops": dict,
    "callbacks": dict,
    "optimizer_states": list,
    "lr_schedulers": list,
    "epoch": int,
    "global_step": int,
    "pytorch-lightning_version": str,
}


class SafeCheckpointIO(CheckpointIO):
    """Makes Lightning read and write checkpoints of the zoo's format, local ones only, and of this recipe only.

    Args:
        recipe: The run's.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._options = what_counts(recipe)

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        Path(path).parent.mkdir(exist_ok=True)
        write_checkpoint(Path(path), checkpoint | {"recipe": self._options})

    def load_checkpoint(self, path: str | Path, map_location: Any = None, weights_only: bool | None = None) -> dict[str, Any]:
        checkpoint = read_checkpoint(Path(path))
        for part, kind in _PARTS.items():
            if type(checkpoint.get(part)) is not kind:
                raise ZooError(f"{path}: {part} is missing, or of another type than a run saves; train again")
        began = checkpoint["recipe"] | {_DEVICES: self._options[_DEVICES]}  # which ExactState tells more of
        if changed := differences(self._options, began):
            raise ZooError(f"{path}: the recipe is not the one that the run began with ({', '.join(changed)} changed); train again")
        return checkpoint

    def remove_checkpoint(self, path: str | Path) -> None:
        Path(path).unlink(missing_ok=True)


class CheckpointKeeper(Checkpoint):
    """Saves at the end of every epoch, every so many steps, and when a signal asks to stop.

    Args:
        folder: The run's.
        every: Steps between saves within an epoch; 0 for none.
        signals: Where a wish to stop is noted.
    """

    def __init__(self, folder: Path, *, every: int, signals: Signals) -> None:
        self.folder, self.every, self.signals = folder, every, signals
        self._was_stopped = False

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.obey(trainer)  # what came while all was made ready: there is nothing yet to save
        self._trainer = trainer
        trainer.should_stop |= self._was_stopped

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        if trainer.is_last_batch or trainer.should_stop:
            return  # the epoch's end is the better place
        signal = self._signal(trainer)
        if signal or (self.every and trainer.global_step % self.every == 0):
            self._save(trainer, signal)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._save(trainer, self._signal(trainer))

    def state_dict(self) -> dict[str, Any]:
        return {"stopped": self._trainer.should_stop}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._was_stopped = state_dict["stopped"]

    def obey(self, trainer: pl.Trainer) -> None:
        """Stop here, where everything is saved, if a signal has asked for it.

        Raises:
            Interrupted: One has.
        """
        if signal := self._signal(trainer):
            raise Interrupted(signal)

    def _signal(self, trainer: pl.Trainer) -> int:
        """The signal that any of the processes has received; 0 for none."""
        if trainer.world_size == 1:
            return self.signals.received
        received = torch.tensor(self.signals.received, device=trainer.strategy.root_device)
        return int(trainer.strategy.reduce(received, reduce_op="max"))

    def _save(self, trainer: pl.Trainer, signal: int) -> None:
        if writer := board_writer(trainer):
            writer.flush()  # what was logged up to here is safe from a kill, as what is saved is
        check_finite(trainer, trainer.lightning_module)
        trainer.save_checkpoint(self.folder / FOLDER / f"step-{trainer.global_step:09d}.ckpt")
        if trainer.is_global_zero:
            for old in generations(self.folder)[_GENERATIONS:]:
                old.unlink(missing_ok=True)
        if signal:
            raise Interrupted(signal)


class BestCheckpoint(ModelCheckpoint):
    """Keeps the state of the best epoch in ``best.ckpt``; where that lies is not saved, so that a run's folder can be moved.

    Args:
        folder: The run's.
        monitor: The figure that is lowest in the best epoch.
    """

    def __init__(self, folder: Path, *, monitor: str) -> None:
        super().__init__(folder / FOLDER, filename="best", monitor=monitor, enable_version_counter=False)

    def state_dict(self) -> dict[str, Any]:
        state = super().state_dict()
        names = {name: Path(state[name]).name for name in _PATHS}
        best = {Path(path).name: score for path, score in state["best_k_models"].items()}
        return state | names | {"best_k_models": best, "dirpath": ""}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with the best epoch so far.

        Raises:
            ZooError: Its file is damaged or not there.
        """
        folder = Path(self.dirpath or "")
        paths = {name: str(folder / state_dict[name]) if state_dict[name] else "" for name in _PATHS}
        best = {str(folder / name): score for name, score in state_dict["best_k_models"].items()}
        if paths["best_model_path"]:
            read_checkpoint(Path(paths["best_model_path"]))  # found damaged now, and not when all epochs are done
        super().load_state_dict(state_dict | paths | {"best_k_models": best, "dirpath": self.dirpath})


def generations(folder: Path) -> list[Path]:
    """The checkpoints of a run to go on from, newest first."""
    ours = [path for path in (folder / FOLDER).glob("step-*.ckpt") if _NAME.fullmatch(path.name)]
    return sorted(ours, key=saved_step, reverse=True)


def saved_step(checkpoint: Path) -> int:
    """The number of steps that were done when ``checkpoint`` was saved."""
    return int(checkpoint.stem.removeprefix("step-"))


def set_aside(folder: Path, *, newer_than: Path) -> None:
    """Rename what is newer than the checkpoint that a run goes on from, so that it no longer counts as a generation."""
    for checkpoint in generations(folder):
        if saved_step(checkpoint) > saved_step(newer_than):
            checkpoint.rename(checkpoint.with_suffix(".damaged"))


def find_checkpoint(folder: Path) -> tuple[Path | None, str | None]:
    """The newest whole checkpoint of a run, None where nothing was saved yet; and what is wrong with a newer one.

    Raises:
        ZooError: There are some, and none is whole.
    """
    complaint = None
    for checkpoint in generations(folder):
        try:
            if read_checkpoint(checkpoint).get("global_step") != saved_step(checkpoint):
                raise ZooError(f"{checkpoint}: was saved after another step than its name says")
            return checkpoint, complaint
        except ZooError as error:
            complaint = complaint or str(error)
    if complaint:
        raise ZooError(f"{complaint}; there is no older one, train again")
    if (folder / FOLDER / "last.ckpt").is_file():
        raise ZooError(f"{folder}: an older version of the zoo began this run, and this one cannot go on with it; train again")
    return None, None
