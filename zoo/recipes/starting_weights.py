"""Fine-tuning begins with trained weights, a new head and some parts frozen."""

from dataclasses import dataclass
from typing import Any

from torch import nn

from zoo.data.module import InMemoryData, build_data
from zoo.errors import ZooError
from zoo.models.contract import Classifier
from zoo.recipes.finetune import FinetuneRecipe
from zoo.registry import load_trained


@dataclass(frozen=True)
class Learner:
    """A classifier and its data, with the arguments that its builder was given, which its record needs."""

    data: InMemoryData
    model: nn.Module
    arch: str
    options: dict[str, Any]


def load_start(recipe: FinetuneRecipe) -> Learner:
    """Load the starting weights, put a new head on and freeze what was asked for.

    Raises:
        ValueError: The weights are not a classifier's, or nothing would be left to train.
    """
    trained = load_trained(recipe.start, weights=recipe.weights)
    model, known = trained.model, trained.meta.options
    data = build_data(recipe.data, seed=recipe.seed, transform=trained.transform)
    classes = len(data.prepared.labels)
    if not isinstance(model, Classifier):
        raise ZooError(f"{recipe.start} has no head to exchange; fine-tuning is for classifiers")
    model.reset_head(classes)
    _freeze(model, recipe.freeze)
    options = known | {"num_classes": classes} | ({"head": "linear"} if "head" in known else {})
    return Learner(data, model.train(), trained.meta.arch, options)


def _freeze(model: nn.Module, parts: tuple[str, ...]) -> None:
    known = dict(model.named_modules())
    for part in parts:
        if not part or part not in known:
            names = [name for name, module in known.items() if name and name.count(".") < 2 and any(True for _ in module.parameters())]
            raise ZooError(f"--freeze {part}: the model has no such part; it has {', '.join(names)}")
        known[part].requires_grad_(False)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ZooError("--freeze leaves nothing to train; name fewer parts")
