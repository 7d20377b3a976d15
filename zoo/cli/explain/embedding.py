"""explain.py NAME: where a model's features lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from zoo.cli.common import parse
from zoo.errors import ZooError


@dataclass(frozen=True)
class EmbeddingOptions:
    """Draw the two features of every test picture, coloured by class."""

    root: Annotated[Path | None, tyro.conf.arg(name="data.root")] = None
    """Folder of the data; without it $ZOO_DATA and the cache are searched."""
    out: Path = Path("features.png")
    """PNG file for the picture."""


def main(name: str, flags: list[str]) -> None:
    """Draw the features of the model."""
    options = parse(EmbeddingOptions, flags, prog=f"explain.py {name}")
    from zoo.figures.canvas import save
    from zoo.recipes.kinds import kind_named
    from zoo.recipes.options import EvaluateOptions
    from zoo.registry import load_trained

    trained = load_trained(name)
    pictures = kind_named(trained.meta.kind).evaluate(trained, EvaluateOptions(root=options.root)).pictures
    if "features" not in pictures:
        raise ZooError(f"{name} has {trained.meta.options['num_features']} features; only two can be drawn in the plane")
    try:
        save(pictures["features"], options.out)
    except OSError as error:
        raise ZooError(f"{options.out}: cannot be written ({error.strerror})") from error
    print(f"picture     {options.out}")
