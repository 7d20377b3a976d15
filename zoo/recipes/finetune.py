"""Fine-tuning: a recipe that begins with trained weights."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro

from zoo.data.options import ImageOptions
from zoo.recipes.options import ClassifierRecipe, ModelOptions, TrainerOptions
from zoo.tasks.options import ClassificationOptions, OptimizerOptions


@dataclass(frozen=True, kw_only=True)
class FinetuneRecipe(ClassifierRecipe):
    """Fine-tune trained weights: a new head for the data's classes, and a gentler learning rate."""

    model: tyro.conf.Suppress[ModelOptions] = field(default_factory=ModelOptions)
    data: ImageOptions = field(default_factory=lambda: ImageOptions(kind="folder", validation=0.2, batch_size=8))
    task: ClassificationOptions = field(default_factory=lambda: ClassificationOptions(optimizer=OptimizerOptions(name="adamw", lr=3e-3)))
    trainer: TrainerOptions = field(default_factory=lambda: TrainerOptions(max_epochs=30))
    start: tyro.conf.Suppress[str] = ""
    weights: Path | None = None
    """File of weights to begin with, for torchvision/NAME; without it torchvision downloads its own."""
    freeze: Annotated[tuple[str, ...], tyro.conf.arg(metavar="PART ...")] = ()
    """Parts of the model that keep their weights, by name: features, or features.c1 features.c3 ..."""
