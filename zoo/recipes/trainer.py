"""The trainer of a run: what it logs, saves and listens to."""

from collections.abc import Sequence
from pathlib import Path

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback, LearningRateMonitor, ModelCheckpoint, TQDMProgressBar
from pytorch_lightning.loggers import TensorBoardLogger

from zoo.recipes.interruption import StopOnSignal
from zoo.recipes.memory import keep_freed_memory
from zoo.recipes.options import ClassifierRecipe
from zoo.recipes.quiet import quiet
from zoo.tasks.board import ClassificationBoard
from zoo.tasks.compilation import CompileModel
from zoo.tasks.random_state import RandomState
from zoo.tasks.stopping import stopping_callbacks

_LOG_EVERY = 50  # steps between scalars
LAST = Path("checkpoints/last.ckpt")


def build_trainer(recipe: ClassifierRecipe, folder: Path, *, extra: Sequence[Callback] = ()) -> tuple[pl.Trainer, StopOnSignal]:
    """The trainer of a run, with all that it logs and saves in ``folder``, and the listener that can stop it."""
    options = recipe.trainer
    stop = StopOnSignal()
    callbacks: list[Callback] = [
        LearningRateMonitor(),
        RandomState(),
        ModelCheckpoint(
            folder / LAST.parent, filename=LAST.stem, every_n_epochs=1, save_on_train_epoch_end=True, enable_version_counter=False
        ),
        *stopping_callbacks(recipe.task.stopping),
        ClassificationBoard(log_every=_LOG_EVERY),  # after the criteria, so that it sees when an epoch is the last
        stop,
        *([CompileModel()] if options.compile else []),
        *extra,
    ]
    if recipe.task.stopping.patience:
        callbacks.append(ModelCheckpoint(folder / LAST.parent, filename="best", monitor="val/loss", enable_version_counter=False))
    if options.progress_bar:
        callbacks.append(TQDMProgressBar(refresh_rate=20))
    quiet()
    keep_freed_memory()
    trainer = pl.Trainer(
        accelerator=options.accelerator,
        devices=options.devices,
        precision=options.precision,
        max_epochs=options.max_epochs,
        max_steps=options.max_steps,
        logger=TensorBoardLogger(folder.parent, name=folder.name, version="", default_hp_metric=False),
        callbacks=callbacks,
        enable_progress_bar=options.progress_bar,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        log_every_n_steps=_LOG_EVERY,
    )
    return trainer, stop
