"""finetune.py NAME --data folder --data.root DIR: go on from trained weights, on other classes."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated

import tyro

from zoo.cli.common import parse, take_name
from zoo.data.options import ImageOptions, TransformOptions
from zoo.errors import ZooError
from zoo.recipes.options import ClassifierRecipe, ModelOptions, TrainerOptions
from zoo.tasks.options import ClassificationOptions, OptimizerOptions

if TYPE_CHECKING:
    from torch import nn

    from zoo.data.module import InMemoryData
    from zoo.recipes.run import Learner


@dataclass(frozen=True)
class FinetuneRecipe(ClassifierRecipe):
    """Fine-tune trained weights: a new head for the data's classes, and a gentler learning rate."""

    model: tyro.conf.Suppress[ModelOptions] = field(default_factory=ModelOptions)
    data: ImageOptions = field(default_factory=lambda: ImageOptions(kind="folder", validation=0.2, batch_size=32))
    task: ClassificationOptions = field(default_factory=lambda: ClassificationOptions(optimizer=OptimizerOptions(name="adamw", lr=1e-3)))
    trainer: TrainerOptions = field(default_factory=lambda: TrainerOptions(max_epochs=20))
    start: tyro.conf.Suppress[str] = ""
    freeze: Annotated[tuple[str, ...], tyro.conf.arg(metavar="PART ...")] = ()
    """Parts of the model that keep their weights, by name: features, or features.c1 features.c3 ..."""


_USAGE = """usage: finetune.py NAME --data folder --data.root DIR [--freeze features] [--field value ...]

NAME is a released model (scripts/list_models.py --released) or the folder of a run. DIR holds one folder of
pictures a class. finetune.py NAME --help lists the fields."""


def main(args: list[str]) -> None:
    """Fine-tune the model that ``args`` name."""
    name, flags = take_name(args, usage=_USAGE)
    recipe = parse(FinetuneRecipe, flags, prog=f"finetune.py {name}", default=FinetuneRecipe(name="finetune", start=name))
    from zoo.cli.train import train
    from zoo.registry import describe

    meta = describe(name)
    if meta.transform is None:
        raise ZooError(f"{name} does not take pictures; fine-tuning is for models that do")
    # The model goes on seeing pictures the way it learnt to.
    transform = TransformOptions(**meta.transform)
    recipe = replace(recipe, name=f"{meta.arch}-finetune", data=replace(recipe.data, transform=transform))
    train(recipe, prepare_finetuning)


def prepare_finetuning(recipe: ClassifierRecipe) -> "tuple[InMemoryData, Learner]":
    """Load the starting weights, put a new head on and freeze what was asked for."""
    assert isinstance(recipe, FinetuneRecipe)
    from zoo.data.module import build_data
    from zoo.models.contract import Classifier
    from zoo.recipes.run import Learner, make_ready
    from zoo.registry import load_trained

    make_ready(recipe)
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


def _freeze(model: "nn.Module", parts: tuple[str, ...]) -> None:
    known = dict(model.named_modules())
    for part in parts:
        if not part or part not in known:
            names = [name for name, module in known.items() if name and any(True for _ in module.parameters())]
            raise ZooError(f"--freeze {part}: the model has no such part; it has {', '.join(names)}")
        known[part].requires_grad_(False)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ZooError("--freeze leaves nothing to train; name fewer parts")
