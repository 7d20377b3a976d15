"""A recipe becomes a run: training, record, result."""

import os
import sys
from dataclasses import asdict
from pathlib import Path

import pytorch_lightning as pl
import torch

from zoo.errors import LostProcessError, RunError, ZooError
from zoo.functions.products import multiplying
from zoo.recipes.checkpoint_file import read_checkpoint
from zoo.recipes.checkpoints import BestCheckpoint, CheckpointKeeper
from zoo.recipes.comparison import flat
from zoo.recipes.durable import write_json
from zoo.recipes.kinds.contract import Job, compared
from zoo.recipes.options import Recipe
from zoo.recipes.pictures import write_pictures
from zoo.recipes.processes import is_first_process, is_of_others
from zoo.recipes.quiet import claim_last_word
from zoo.recipes.record import record_start
from zoo.recipes.release import round_weights, save_model
from zoo.recipes.run_folder import check_space
from zoo.recipes.trainer import build_trainer
from zoo.tasks.board import board_writer
from zoo.tasks.finite_guard import check_finite
from zoo.tasks.stopwatch import Stopwatch


def fit(recipe: Recipe, job: Job, folder: Path, *, resume: Path | None = None) -> dict[str, float]:
    """Train, measure once at the end, and leave everything that is known in ``folder``.

    Args:
        recipe: What to do.
        job: The same, made ready.
        folder: The run's own folder.
        resume: The checkpoint to go on from.

    Returns:
        The figures by name, as metrics.json has them; none in any process but the first.

    Raises:
        Interrupted: A signal asked to stop; the last step is saved.
        RunError: Something could not be saved, or a number became infinite; what was saved before is whole.
        ZooError: The folder has no room for the run.
    """
    try:
        return _fit(recipe, job, folder, resume)
    except OSError as error:
        where = os.fsdecode(error.filename or folder)
        raise RunError(f"{where}: {error.strerror or error}; the run is not complete") from error
    except RuntimeError as error:
        if not is_of_others(error):
            raise
        if not (is_first_process() and claim_last_word()):
            sys.stdout.flush()
            os._exit(1)  # the first one speaks for all, and once
        raise LostProcessError(f"another process of this run has ended, or cannot be reached; go on with --resume {folder}") from error


def _fit(recipe: Recipe, job: Job, folder: Path, resume: Path | None) -> dict[str, float]:
    check_space(folder, parameters=sum(parameter.nbytes for parameter in job.model.parameters()))
    stopwatch = Stopwatch()
    trainer = build_trainer(recipe, job, folder, resume=resume, extra=[stopwatch])
    if trainer.is_global_zero:
        record_start(recipe, folder, device=str(trainer.strategy.root_device), precision=trainer.precision)
    try:
        # In training alone: what is measured at the end is measured as evaluate.py does.
        with _keeper(trainer).signals, multiplying(recipe.trainer.matmul):
            trainer.fit(job.task, datamodule=job.data, ckpt_path=resume, weights_only=True)
            _keeper(trainer).obey(trainer)
    except (LookupError, TypeError, AttributeError, ValueError, RuntimeError) as error:
        if resume is None or stopwatch.began or isinstance(error, ZooError | RunError | torch.OutOfMemoryError) or is_of_others(error):
            raise
        raise ZooError(f"{resume}: does not fit this run ({' '.join(str(error).split())[:120]}); train again") from error
    seconds = stopwatch.seconds
    _take_best(trainer, job.task)
    kept_as = getattr(torch, recipe.trainer.weights)
    round_weights(job.model, kept_as)  # first of all: what is measured is what the file holds
    check_finite(trainer, job.task)
    report = job.finish()
    if not trainer.is_global_zero:
        return {}
    metrics = report.figures | {"epochs": trainer.current_epoch, "seconds": round(seconds, 1)}
    writer = board_writer(trainer)
    show = (lambda name, figure: writer.add_figure(name, figure, trainer.global_step)) if writer else None
    write_pictures(folder / "pictures", report.pictures, show=show)
    for logger in trainer.loggers:
        final = {f"final/{name}": value for name, value in compared(metrics).items()}
        # At the last step, so that a run that is killed here and resumed does not tell them twice.
        logger.log_hyperparams(flat(asdict(recipe)), final, trainer.global_step)
        logger.finalize("success")
    save_model(folder, job.model, job.transform, job.provenance, dtype=kept_as)
    write_json(folder / "metrics.json", metrics)  # the last of all: who finds it finds a whole run
    return metrics


def _keeper(trainer: pl.Trainer) -> CheckpointKeeper:
    return next(callback for callback in trainer.checkpoint_callbacks if isinstance(callback, CheckpointKeeper))


def _take_best(trainer: pl.Trainer, task: pl.LightningModule) -> None:
    """Where validation decides when to stop, it also decides whose weights are kept."""
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, BestCheckpoint) and callback.best_model_path:
            task.load_state_dict(read_checkpoint(Path(callback.best_model_path))["state_dict"])
