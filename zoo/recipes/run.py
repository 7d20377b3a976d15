"""A recipe becomes a run: data, model, trainer, record, result."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, LearningRateMonitor, ModelCheckpoint, TQDMProgressBar
from pytorch_lightning.loggers import TensorBoardLogger
from torch import nn

from zoo.data.module import InMemoryData, build_data
from zoo.errors import ZooError
from zoo.metrics.classification import ClassificationReport, evaluate
from zoo.models.contract import Classifier
from zoo.recipes.finetune import FinetuneRecipe
from zoo.recipes.interruption import StopOnSignal
from zoo.recipes.memory import keep_freed_memory
from zoo.recipes.options import ClassifierRecipe, ModelOptions, TrainerOptions
from zoo.recipes.pictures import write_pictures
from zoo.recipes.quiet import quiet
from zoo.recipes.release import Provenance, data_record, save_model
from zoo.recipes.run_folder import environment, write_json
from zoo.registry import get_model, load_trained
from zoo.tasks.board import ClassificationBoard, board_writer
from zoo.tasks.classification import Classification
from zoo.tasks.compilation import CompileModel
from zoo.tasks.random_state import RandomState
from zoo.tasks.stopping import stopping_callbacks

_LOG_EVERY = 50  # steps between scalars
LAST = Path("checkpoints/last.ckpt")


@dataclass(frozen=True)
class Learner:
    """A model with the arguments that its builder was given, which its record needs."""

    arch: str
    options: dict[str, Any]
    model: nn.Module


def make_learner(options: ModelOptions, *, num_classes: int) -> Learner:
    """Build the recipe's model, untrained. The seed must have been set."""
    arguments = asdict(options) | {"num_classes": num_classes}
    return Learner(options.arch, arguments, get_model(options.arch, **arguments))


def prepare(recipe: ClassifierRecipe) -> tuple[InMemoryData, Learner]:
    """Seed everything, read the data and build the model.

    Raises:
        ValueError: The data or the options cannot be used.
    """
    make_ready(recipe)
    if isinstance(recipe, FinetuneRecipe):
        return _prepare_finetuning(recipe)
    data = build_data(recipe.data, seed=recipe.seed)
    return data, make_learner(recipe.model, num_classes=len(data.prepared.labels))


def _prepare_finetuning(recipe: FinetuneRecipe) -> tuple[InMemoryData, Learner]:
    """Load the starting weights, put a new head on and freeze what was asked for."""
    trained = load_trained(recipe.start)
    model, known = trained.model, trained.meta.options
    data = build_data(recipe.data, seed=recipe.seed, transform=trained.transform)
    classes = len(data.prepared.labels)
    if not isinstance(model, Classifier):
        raise ZooError(f"{recipe.start} has no head to exchange; fine-tuning is for classifiers")
    model.reset_head(classes)
    _freeze(model, recipe.freeze)
    options = known | {"num_classes": classes} | ({"head": "linear"} if "head" in known else {})
    return data, Learner(trained.meta.arch, options, model.train())


def _freeze(model: nn.Module, parts: tuple[str, ...]) -> None:
    known = dict(model.named_modules())
    for part in parts:
        if not part or part not in known:
            names = [name for name, module in known.items() if name and any(True for _ in module.parameters())]
            raise ZooError(f"--freeze {part}: the model has no such part; it has {', '.join(names)}")
        known[part].requires_grad_(False)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ZooError("--freeze leaves nothing to train; name fewer parts")


def make_ready(recipe: ClassifierRecipe) -> None:
    """Check the device, set the threads and seed every generator: before anything random happens."""
    check_device(recipe.trainer)
    if recipe.task.stopping.patience and not recipe.data.validation:
        raise ZooError("--task.stopping.patience needs a validation split; set --data.validation above 0")
    if recipe.trainer.threads:
        torch.set_num_threads(recipe.trainer.threads)
    pl.seed_everything(recipe.seed, verbose=False)


def check_device(options: TrainerOptions) -> None:
    """Refuse a device that is not there."""
    have = {"auto": True, "cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not have[options.accelerator]:
        raise ZooError(f"--trainer.accelerator {options.accelerator}: there is no such device on this machine; use auto or cpu")
    on_gpu = options.accelerator == "cuda" or (options.accelerator == "auto" and torch.cuda.is_available())
    if on_gpu and options.devices > torch.cuda.device_count():
        raise ZooError(f"--trainer.devices {options.devices}: this machine has {torch.cuda.device_count()} GPU")


def check_fit(model: nn.Module, data: InMemoryData, *, loss: str) -> None:
    """Try one sample before the first step.

    Raises:
        ValueError: The model does not take the data's inputs, or the loss is not for this head.
    """
    sample = data.prepared.test.input[:1]
    shape = "x".join(map(str, sample.shape[1:]))
    model.eval()
    try:
        with torch.no_grad():
            score = model(sample)
    except RuntimeError as error:
        raise ZooError(
            f"the model does not take inputs of {shape} ({str(error).splitlines()[0]}); set --data.transform.size or the model's inputs"
        ) from error
    model.train()
    classes = len(data.prepared.labels)
    if score.shape != (1, classes):
        raise ZooError(f"the model gives {tuple(score.shape[1:])} scores a picture, the data has {classes} classes")
    if loss == "map" and bool((score > 0).any()):
        raise ZooError("the map loss is for energies (LeNet-5's rbf head); use --task.loss cross-entropy")


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
    trainer, stop = build_trainer(recipe, folder)
    if trainer.is_global_zero:
        write_json(folder / "recipe.json", asdict(recipe))
        write_json(folder / "environment.json", environment(str(trainer.strategy.root_device), recipe.seed))
    started = time.perf_counter()
    with stop.listening():
        trainer.fit(task, datamodule=data, ckpt_path=resume, weights_only=True)
    seconds = time.perf_counter() - started
    _take_best(trainer, task)
    if not trainer.is_global_zero:
        return {}
    report = evaluate(task.model, data.test_dataloader(), task.loss)
    validation = evaluate(task.model, data.val_dataloader(), task.loss) if data.prepared.validation else None
    metrics = _figures(trainer, report, validation) | {"seconds": round(seconds, 1)}
    _record(recipe, data, learner, folder, metrics)
    write_pictures(folder / "pictures", report, learner.model, data, writer=board_writer(trainer), step=trainer.global_step)
    for logger in trainer.loggers:
        logger.log_hyperparams(_flat(asdict(recipe)), {f"final/{name}": value for name, value in metrics.items()})
        logger.finalize("success")
    return metrics


def build_trainer(recipe: ClassifierRecipe, folder: Path, *, extra: Sequence[Callback] = ()) -> tuple[pl.Trainer, StopOnSignal]:
    """The trainer of a run, with all that it logs and saves in ``folder``, and the listener that can stop it."""
    options = recipe.trainer
    stop = StopOnSignal()
    callbacks: list[Callback] = [
        ClassificationBoard(log_every=_LOG_EVERY),
        LearningRateMonitor(),
        RandomState(),
        ModelCheckpoint(
            folder / LAST.parent, filename=LAST.stem, every_n_epochs=1, save_on_train_epoch_end=True, enable_version_counter=False
        ),
        *stopping_callbacks(recipe.task.stopping),
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
