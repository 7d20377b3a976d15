"""From a recipe to its data and its model: everything that can be refused before the first step."""

from dataclasses import asdict, dataclass
from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn

from zoo.data.module import InMemoryData, build_data
from zoo.errors import ZooError
from zoo.models.contract import Classifier
from zoo.recipes.finetune import FinetuneRecipe
from zoo.recipes.options import ClassifierRecipe, ModelOptions, TrainerOptions
from zoo.registry import get_model, load_trained


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
    if recipe.data.batch_size % recipe.trainer.devices:
        raise ZooError(f"--data.batch-size {recipe.data.batch_size}: must be a multiple of --trainer.devices {recipe.trainer.devices}")
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
