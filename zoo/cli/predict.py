"""predict.py NAME PICTURE ...: what a model sees in any common picture."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tyro

from zoo.cli.common import check_json, parse, take_model, write_figures
from zoo.errors import ZooError, check_range


@dataclass(frozen=True)
class PredictOptions:
    """Print the likeliest classes of each picture with their probabilities."""

    pictures: tyro.conf.Positional[tuple[Path, ...]] = ()
    """Picture files: PNG, JPEG, ..., of any size and colour, light on dark or dark on light."""
    top: int = 3
    """How many classes to print."""
    framing: Literal["auto", "ink", "whole"] = "auto"
    """ink: find the ink and centre it, as the digit sets were made. whole: take the picture as it is.
    auto: whole for pictures that already have the training pictures' size, and for models of whole pictures."""
    json: Path | None = None
    """File for the figures."""

    def __post_init__(self) -> None:
        check_range("--top", self.top, least=1)


_USAGE = """usage: predict.py NAME PICTURE ... [--top N] [--framing auto|ink|whole] [--json FILE]

NAME is a released model (scripts/list_models.py --released) or the folder of a run."""


def main(args: list[str]) -> None:
    """Predict the classes of the pictures that ``args`` name."""
    name, flags = take_model(args, usage=_USAGE)
    options = parse(PredictOptions, flags, prog=f"predict.py {name}")
    if not options.pictures:
        raise ZooError(f"predict.py NAME PICTURE ...: {name} was taken as the model's name, and no picture follows")
    check_json(options.json)
    import torch

    from zoo.data.about import ABOUT
    from zoo.data.framing import frame_file
    from zoo.functions.losses import likelihood
    from zoo.registry import load_trained

    trained = load_trained(name)
    model, meta, transform = trained.model, trained.meta, trained.transform
    if transform is None or not meta.labels:
        raise ZooError(f"{name} does not tell pictures apart; predict.py is for classifiers of pictures")
    if (about := ABOUT.get(meta.data["kind"])) and about.people:
        raise ZooError(f"{name} was trained on pictures of people; it is for comparing methods, and names nobody")
    figures: dict[str, Any] = {}
    for path in options.pictures:
        framed = frame_file(path, transform, kind=meta.data["kind"], framing=options.framing)
        with torch.no_grad():
            share = likelihood(model(transform(framed.image[None])), loss=meta.loss)[0]
        order = share.argsort(descending=True)[: options.top].tolist()
        best = {meta.labels[number]: float(share[number]) for number in order}
        figures[str(path)] = best
        print(f"{path}  ({framed.said})")
        for label, value in best.items():
            print(f"  {label:12} {100 * value:6.2f} %")
    write_figures(options.json, figures)
