"""From a recipe to all that its training needs: everything that can be refused before the first step."""

import pytorch_lightning as pl
import torch

from zoo.errors import ZooError
from zoo.recipes.kinds import kind_named
from zoo.recipes.kinds.contract import Job
from zoo.recipes.options import Recipe, TrainerOptions


def prepare(recipe: Recipe) -> Job:
    """Check the device, set the threads, seed every generator, read the data and build the model.

    Raises:
        ValueError: The data or the options cannot be used.
    """
    check_device(recipe.trainer)
    if recipe.trainer.threads:
        torch.set_num_threads(recipe.trainer.threads)
    pl.seed_everything(recipe.seed, verbose=False)
    return kind_named(recipe.kind).prepare(recipe)


def check_device(options: TrainerOptions) -> None:
    """Refuse a device that is not there."""
    have = {"auto": True, "cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not have[options.accelerator]:
        raise ZooError(f"--trainer.accelerator {options.accelerator}: there is no such device on this machine; use auto or cpu")
    on_gpu = options.accelerator == "cuda" or (options.accelerator == "auto" and torch.cuda.is_available())
    if on_gpu and options.devices > torch.cuda.device_count():
        raise ZooError(f"--trainer.devices {options.devices}: this machine has {torch.cuda.device_count()} GPU")
