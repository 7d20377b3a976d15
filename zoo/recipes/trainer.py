"""The trainer of a run: what it logs, saves and listens to."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, Checkpoint, TQDMProgressBar
from pytorch_lightning.loggers import TensorBoardLogger

from zoo.recipes.checkpoints import BestCheckpoint, CheckpointKeeper, SafeCheckpointIO, saved_step
from zoo.recipes.interruption import Signals
from zoo.recipes.kinds.contract import Job
from zoo.recipes.memory import keep_freed_memory
from zoo.recipes.options import Recipe, TrainerOptions
from zoo.recipes.processes import is_first_process
from zoo.recipes.quiet import quiet
from zoo.tasks.compilation import CompileModel
from zoo.tasks.exact_state import ExactState
from zoo.tasks.finite_guard import FiniteGuard
from zoo.tasks.stopping import StepLimit

_LOG_EVERY = 50  # steps between scalars


def build_trainer(
    recipe: Recipe, job: Job, folder: Path, *, resume: Path | None = None, guarded: bool = True, extra: Sequence[Callback] = ()
) -> pl.Trainer:
    """The trainer of a run, with all that it logs and saves in ``folder``.

    Args:
        recipe: What to do.
        job: The same, made ready.
        folder: The run's.
        resume: The checkpoint that it will go on from: what was logged after it is superseded.
        guarded: Whether every step's numbers are checked and the run is saved; off only to measure what that costs.
        extra: Further callbacks.
    """
    options = recipe.trainer
    callbacks: list[Callback] = [
        *([FiniteGuard()] if guarded else []),
        *([StepLimit(options.max_steps)] if options.max_steps >= 0 else []),
        *job.callbacks,
        *([CompileModel()] if options.compile else []),
        *extra,
        ExactState(),
    ]
    if job.monitor:
        callbacks.append(BestCheckpoint(folder, monitor=job.monitor))
    if guarded:
        callbacks.append(CheckpointKeeper(folder, every=options.checkpoint_every, signals=Signals()))
    if options.progress_bar:
        callbacks.append(TQDMProgressBar(refresh_rate=20))
    quiet()
    keep_freed_memory()
    trainer = pl.Trainer(
        default_root_dir=folder,
        plugins=[SafeCheckpointIO(recipe)],
        accelerator=options.accelerator,
        devices=options.devices,
        precision=_precision(options),
        max_epochs=options.max_epochs,
        logger=TensorBoardLogger(
            folder.parent, name=folder.name, version="", default_hp_metric=False, purge_step=saved_step(resume) if resume else 0
        ),
        callbacks=callbacks,
        enable_progress_bar=options.progress_bar,
        enable_checkpointing=any(isinstance(callback, Checkpoint) for callback in callbacks),
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        log_every_n_steps=_LOG_EVERY,
    )
    # Lightning's own handlers leave with code 0 or 1, without a word; the run's listen instead.
    trainer._signal_connector.register_signal_handlers = lambda: None  # type: ignore[method-assign]
    return trainer


def _precision(options: TrainerOptions) -> Literal["32-true", "bf16-mixed", "16-mixed"]:
    """That of the options, unless the processor cannot: without bfloat16 in its library, convolutions take many times as long."""
    on_cpu = options.accelerator == "cpu" or not torch.accelerator.is_available()
    if options.precision != "bf16-mixed" or not on_cpu or torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return options.precision
    if is_first_process():
        print("note     this processor has no fast bfloat16: computed in single precision", flush=True)
    return "32-true"
