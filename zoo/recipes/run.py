"""A recipe becomes a run: training, record, result."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint

from zoo.data.module import InMemoryData
from zoo.metrics.classification import ClassificationReport, evaluate
from zoo.recipes.options import ClassifierRecipe
from zoo.recipes.pictures import write_pictures
from zoo.recipes.preparation import Learner
from zoo.recipes.release import Provenance, data_record, save_model
from zoo.recipes.run_folder import environment, write_json
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
        Interrupted: A signal asked to stop; the last finished epoch is saved.
    """
    task = Classification(learner.model, recipe.task, labels=data.prepared.labels)
    stopwatch = Stopwatch()
    trainer, stop = build_trainer(recipe, folder, extra=[stopwatch])
    if trainer.is_global_zero:
        _record_start(recipe, folder, device=str(trainer.strategy.root_device))
    with stop.listening():
        trainer.fit(task, datamodule=data, ckpt_path=resume, weights_only=True)
    seconds = stopwatch.seconds
    _take_best(trainer, task)
    if not trainer.is_global_zero:
        return {}
    prepared = data.prepared
    report = evaluate(task.model, data.whole(prepared.test), task.loss)
    validation = evaluate(task.model, data.whole(prepared.validation), task.loss) if prepared.validation else None
    metrics = _figures(trainer, report, validation) | {"seconds": round(seconds, 1)}
    _record(recipe, data, learner, folder, metrics)
    writer = board_writer(trainer)
    show = (lambda name, figure: writer.add_figure(name, figure, trainer.global_step)) if writer else None
    write_pictures(folder / "pictures", report, learner.model, prepared.test, prepared.labels, show=show)
    for logger in trainer.loggers:
        logger.log_hyperparams(_flat(asdict(recipe)), {f"final/{name}": value for name, value in metrics.items()})
        logger.finalize("success")
    return metrics


def _record_start(recipe: ClassifierRecipe, folder: Path, *, device: str) -> None:
    """What is known before the first step; a resumed run adds where it goes on to where it began."""
    now, path = environment(device, recipe.seed), folder / "environment.json"
    if path.is_file():
        began = json.loads(path.read_text())
        now = began | {"resumed": [*began.get("resumed", []), now]}
    write_json(path, now)
    write_json(folder / "recipe.json", asdict(recipe))


def _take_best(trainer: pl.Trainer, task: Classification) -> None:
    """Where validation decides when to stop, it also decides whose weights are kept."""
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, ModelCheckpoint) and callback.monitor and callback.best_model_path:
            task.load_state_dict(torch.load(callback.best_model_path, weights_only=True)["state_dict"])


def _figures(trainer: pl.Trainer, test: ClassificationReport, validation: ClassificationReport | None) -> dict[str, float]:
    """The figures of the weights that are kept, which need not be those of the last epoch."""
    loss = trainer.callback_metrics.get("train/loss_epoch")
    return {
        **({"train/loss": float(loss)} if loss is not None else {}),
        **(validation.metrics("val") if validation else {}),
        **test.metrics("test"),
        "epochs": trainer.current_epoch,
    }


def _record(recipe: ClassifierRecipe, data: InMemoryData, learner: Learner, folder: Path, metrics: dict[str, float]) -> None:
    provenance = Provenance(
        arch=learner.arch,
        options=learner.options,
        recipe=recipe.name,
        loss=recipe.task.loss,
        labels=data.prepared.labels,
        data=data_record(recipe.data, seed=recipe.seed),
    )
    save_model(folder, learner.model, data.transform, provenance)
    write_json(folder / "metrics.json", metrics)


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested options as ``data.transform.size``: what TensorBoard's table of hyperparameters takes."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value if isinstance(value, int | float | bool) else str(value)
    return flat
