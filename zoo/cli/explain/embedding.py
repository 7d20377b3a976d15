"""explain.py EMBEDDING [EMBEDDING ...]: where models' features lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from zoo.cli.common import make_place, parse
from zoo.errors import ZooError

if TYPE_CHECKING:
    from zoo.figures.verification import Plane
    from zoo.registry import Trained


@dataclass(frozen=True)
class EmbeddingOptions:
    """Draw the two features of test pictures, at most 5,000 of the first of each class, coloured by class."""

    others: tyro.conf.Positional[tuple[str, ...]] = ()
    """Models to draw beside the first: runs with other weights of the center loss make the paper's figure."""
    root: Annotated[Path | None, tyro.conf.arg(name="data.root")] = None
    """Folder of the data; without it $ZOO_DATA and the cache are searched."""
    out: Path = Path("features.png")
    """PNG file for the picture."""


def main(name: str, flags: list[str]) -> None:
    """Draw the features of the model, and of others beside it."""
    options = parse(EmbeddingOptions, flags, prog=f"explain.py {name}")
    make_place(options.out)
    from zoo.figures.canvas import save
    from zoo.figures.verification import plane_grid
    from zoo.registry import load_trained

    models = {each: load_trained(each) for each in (name, *options.others)}
    labels = models[name].meta.labels
    for each, trained in models.items():
        _check(each, trained, labels)
    figure = plane_grid([_plane(trained, options.root) for trained in models.values()], labels)
    save(figure, options.out)
    print(f"picture     {options.out}")


def _check(name: str, trained: "Trained", labels: list[str]) -> None:
    if trained.meta.kind != "embedding":
        raise ZooError(f"{name} was not trained with center loss; explain.py draws such models side by side")
    if (features := trained.meta.options["num_features"]) != 2:
        raise ZooError(f"{name} has {features} features; only two can be drawn in the plane")
    if trained.meta.labels != labels:
        raise ZooError(f"{name} tells other classes apart than the first model; draw models of the same classes")


def _plane(trained: "Trained", root: Path | None) -> "Plane":
    """Features of the test pictures, under the loss and how tight it made the classes."""
    from zoo.figures.verification import Plane
    from zoo.metrics.clusters import class_distances
    from zoo.recipes.kinds.embedding import embed, read_test

    test, _ = read_test(trained, root)
    feature, _ = embed(trained.model, test.input)
    within, between = class_distances(feature.double(), test.label)
    return Plane(feature, test.label, f"{trained.meta.loss}\nwithin / between classes {within / between:.3g}")
