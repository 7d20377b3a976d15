"""finetune.py NAME --data folder --data.root DIR: go on from trained weights, on other classes."""

from dataclasses import replace
from pathlib import Path

from zoo.cli.common import parse, take_model
from zoo.data.options import TransformOptions
from zoo.errors import ZooError
from zoo.recipes.finetune import FinetuneRecipe

_USAGE = """usage: finetune.py NAME --data folder --data.root DIR [--freeze features] [--field value ...]

NAME is a released model (scripts/list_models.py --released), the folder of a run, or torchvision/resnet18 and the
like, whose weights torchvision downloads or --weights FILE holds; torchvision-gap/vgg16 and the like (VGG, AlexNet) are
the same with global average pooling in the place of the dense layers, for class activation maps. DIR holds one
folder of pictures a class.
finetune.py NAME --help lists the fields."""


def main(args: list[str]) -> None:
    """Fine-tune the model that ``args`` name."""
    name, flags = take_model(args, usage=_USAGE)
    recipe = parse(FinetuneRecipe, flags, prog=f"finetune.py {name}", default=FinetuneRecipe(name="finetune", start=name))
    from zoo.cli.train import train
    from zoo.recipes.restored import restored
    from zoo.registry import load_trained

    meta = load_trained(name, weights=recipe.weights).meta
    if meta.transform is None:
        raise ZooError(f"{name} does not take pictures; fine-tuning is for models that do")
    if recipe.data.transform != TransformOptions():
        raise ZooError("--data.transform: the model goes on seeing pictures the way it learnt to; leave this out")
    data = replace(recipe.data, transform=restored(TransformOptions(), meta.transform))
    weights = recipe.weights and recipe.weights.absolute()  # a run is resumed from anywhere
    start = str(meta.folder.absolute()) if meta.folder == Path(name) and meta.folder.is_dir() else name
    train(replace(recipe, start=start, name=f"{meta.arch.replace('/', '-')}-finetune", data=data, weights=weights))
