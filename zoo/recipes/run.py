"""A recipe becomes a run: training, record, result."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import ModelCheckpoint

from zoo.data.module import InMemoryData
from zoo.errors import RunError
from zoo.metrics.classification import evaluate
from zoo.recipes.checkpoint_file import read_checkpoint
from zoo.recipes.durable import write_json
from zoo.recipes.options import ClassifierRecipe
from zoo.recipes.pictures import write_pictures
from zoo.recipes.preparation import Learner
from zoo.recipes.record import record_start
from zoo.recipes.release import Provenance, data_record, save_model
from zoo.recipes.run_folder import check_space
from zoo.recipes.trainer import build_trainer
from zoo.tasks.board import board_writer
from zoo.tasks.classification import Classification
from zoo.tasks.stopwatch import Stopwatch


def fit(recipe: ClassifierRecipe, data: InMemoryData, learner: Learner, folder: Path, *, resume: Path | None = None) -> dict[str, float]:
    """Train, test once at the end, and leave everything that is known in ``folder``.

    Args:
        recipe: What to do.
        data: Its data.
        learner: The model to train.
        folder: The run's own folder.
        resume: The checkpoint to go on from.

    Returns:
        The figures by name, as metrics.json has them.

    Raises:
        Interrupted: A signal asked to stop; the last step is saved.
        RunError: Something could not be saved, or a number became infinite; what was saved before is whole.
        ZooError: The folder has no room for the run.
    """
    try:
        return _fit(recipe, data, learner, folder, resume)
    except OSError as error:
        raise RunError(f"{error.filename or folder}: {error.strerror or error}; the run is not complete") from error


def _fit(recipe: ClassifierRecipe, data: InMemoryData, learner: Learner, folder: Path, resume: Path | None) -> dict[str, float]:
    check_space(folder, parameters=sum(parameter.nbytes for parameter in learner.model.parameters()))
    task = Classification(learner.model, recipe.task, labels=data.prepared.labels)
    stopwatch = Stopwatch()
    trainer = build_trainer(recipe, folder, resume=resume, extra=[stopwatch])
    if trainer.is_global_zero:
        record_start(recipe, folder, device=str(trainer.strategy.root_device))
    trainer.fit(task, datamodule=data, ckpt_path=resume, weights_only=True)
    seconds, train_loss = stopwatch.seconds, task.epoch_loss.compute()
    _take_best(trainer, task)
    if not trainer.is_global_zero:
        return {}
    prepared = data.prepared
    report = evaluate(task.model, data.whole(prepared.test), task.loss)
    validation = evaluate(task.model, data.whole(prepared.validation), task.loss) if prepared.validation else None
    metrics = {
        "train/loss": train_loss,
        **(validation.metrics("val") if validation else {}),
        **report.metrics("test"),
        "epochs": trainer.current_epoch,
        "seconds": round(seconds, 1),
    }
    writer = board_writer(trainer)
    show = (lambda name, figure: writer.add_figure(name, figure, trainer.global_step)) if writer else None
    write_pictures(folder / "pictures", report, learner.model, prepared.test, prepared.labels, show=show)
    for logger in trainer.loggers:
        logger.log_hyperparams(_flat(asdict(recipe)), {f"final/{name}": value for name, value in metrics.items()})
        logger.finalize("success")
    _record(recipe, data, learner, folder)
    write_json(folder / "metrics.json", metrics)  # the last of all: who finds it finds a whole run
    return metrics


def _take_best(trainer: pl.Trainer, task: Classification) -> None:
    """Where validation decides when to stop, it also decides whose weights are kept."""
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, ModelCheckpoint) and callback.monitor and callback.best_model_path:
            task.load_state_dict(read_checkpoint(Path(callback.best_model_path))["state_dict"])


def _record(recipe: ClassifierRecipe, data: InMemoryData, learner: Learner, folder: Path) -> None:
    provenance = Provenance(
        arch=learner.arch,
        options=learner.options,
        recipe=recipe.name,
        loss=recipe.task.loss,
        labels=data.prepared.labels,
        data=data_record(recipe.data, seed=recipe.seed),
    )
    save_model(folder, learner.model, data.transform, provenance)


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested options as ``data.transform.size``: what TensorBoard's table of hyperparameters takes."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value if isinstance(value, int | float | bool) else str(value)
    return flat
