"""Short trainings for tests."""

from dataclasses import replace
from pathlib import Path

from zoo.recipes.preparation import prepare
from zoo.recipes.registry import all_recipes
from zoo.recipes.run import fit
from zoo.recipes.run_folder import claim_run_folder, create_run_folder, release_run_folder


def short(name: str, *, epochs: int = 1, seed: int = 0, **task):
    """A recipe cut short."""
    recipe = all_recipes()[name].make()
    trainer = replace(recipe.trainer, max_epochs=epochs, progress_bar=False, accelerator="cpu")
    return replace(recipe, trainer=trainer, seed=seed, task=replace(recipe.task, **task))


def run(recipe, folder: Path, *, resume: Path | None = None):
    """Run a recipe in ``folder``; returns its figures and its trained model."""
    if resume is None:
        create_run_folder(recipe.name, folder)
    else:
        claim_run_folder(folder)
    try:
        job = prepare(recipe)
        return fit(recipe, job, folder, resume=resume), job.model
    finally:
        release_run_folder(folder)
