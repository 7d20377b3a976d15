"""explain.py MODEL PICTURE ...: where in a picture a classifier sees its classes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import tyro

from zoo.cli.common import make_folder, parse, write_figures
from zoo.errors import ZooError, check_range, did_you_mean

if TYPE_CHECKING:
    from torch import Tensor

    from zoo.registry import Trained


@dataclass(frozen=True)
class CamOptions:
    """Lay class activation maps over pictures: heat, contours, and the box around what reaches 20 % of the maximum."""

    pictures: tyro.conf.Positional[tuple[Path, ...]] = ()
    """Picture files of any kind and size, or folders of them."""
    classes: str = "top5"
    """topN for the N likeliest classes of each picture, or names of classes with commas between them."""
    out: Path = Path("overlay.png")
    """The drawing; for several pictures a folder, with a drawing a picture."""
    method: Literal["auto", "cam", "grad-cam"] = "auto"
    """cam: for networks that end in global average pooling and one linear layer. grad-cam: for all others. auto: chooses."""
    relu: bool = False
    """Cut the maps off below zero."""
    normalize: bool = False
    """Stretch each map from its smallest to its largest value over [0, 1]."""
    weights: Path | None = None
    """File of weights for torchvision/NAME; without it torchvision downloads its own."""
    batch_size: int = 16
    """Pictures at a time."""
    json: Path | None = None
    """File for the figures."""

    def __post_init__(self) -> None:
        check_range("--batch-size", self.batch_size, least=1)


def main(name: str, flags: list[str]) -> None:
    """Explain the pictures that ``flags`` name to a person who has the model ``name``."""
    options = parse(CamOptions, flags, prog=f"explain.py {name}")
    if not options.pictures:
        raise ZooError(f"explain.py MODEL PICTURE ...: {name} was taken as the model's name, and no picture follows")
    from zoo.registry import load_trained

    trained = load_trained(name, weights=options.weights)
    if trained.transform is None or not trained.meta.labels:
        raise ZooError(f"{name} does not tell pictures apart; explain.py is for classifiers of pictures")
    chosen = _named_classes(options.classes, trained.meta.labels)
    files = _files(options.pictures)
    many = len(files) > 1
    make_folder(options.out if many else options.out.absolute().parent)
    figures: dict[str, Any] = {}
    unread = 0
    for first in range(0, len(files), options.batch_size):
        images, unreadable = _read(files[first : first + options.batch_size], trained, alone=not many)
        unread += unreadable
        if images:
            figures |= _explain(images, trained, options, chosen, folder=options.out if many else None)
    write_figures(options.json, figures)
    if unread:
        raise ZooError(f"{unread} of {len(files)} pictures could not be read")


def _files(paths: tuple[Path, ...]) -> list[Path]:
    """The pictures, with those of folders in their place."""
    from zoo.data.pictures import SUFFIXES

    files: list[Path] = []
    for path in paths:
        inside = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        if not inside:
            raise ZooError(f"{path}: there are no pictures in this folder")
        files += inside
    names = [file.name for file in files]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ZooError(f"two pictures are called {twice}, and so would be their drawings; explain them one after the other")
    return files


def _read(files: list[Path], trained: "Trained", *, alone: bool) -> tuple[dict[Path, "Tensor"], int]:
    """The pictures that can be read, framed for the model; the others get a line each."""
    from zoo.data.framing import frame_file

    images: dict[Path, Tensor] = {}
    assert trained.transform is not None, "the caller has looked"
    for path in files:
        try:
            images[path], _ = frame_file(path, trained.transform, kind=trained.meta.data["kind"])
        except ZooError as error:
            if alone:
                raise
            print(f"error: {error}", file=sys.stderr)
    return images, len(files) - len(images)


def _named_classes(wanted: str, labels: list[str]) -> int | list[int]:
    """How many of the likeliest classes, or which."""
    if wanted.startswith("top") and wanted[3:].isdigit():
        check_range("--classes top", int(wanted[3:]), least=1)
        return min(int(wanted[3:]), len(labels))
    names = [name.strip() for name in wanted.split(",")]
    for name in names:
        if name not in labels:
            hint = did_you_mean(name, labels, otherwise="the model's card lists them, and topN takes the likeliest")
            raise ZooError(f"--classes: the model has no class {name!r}; {hint}")
    return [labels.index(name) for name in names]


def _explain(
    images: dict[Path, "Tensor"], trained: "Trained", options: CamOptions, chosen: int | list[int], *, folder: Path | None
) -> dict[str, Any]:
    """Compute the maps of a batch, draw and print them."""
    import torch

    from zoo.figures.canvas import save
    from zoo.figures.overlay import overlay
    from zoo.functions.losses import likelihood
    from zoo.metrics.localization import enlarge, map_boxes
    from zoo.models.explanation import explain

    image = torch.stack(list(images.values()))
    assert trained.transform is not None, "the caller has looked"
    x = trained.transform(image)
    found = explain(trained.model, x, classes=chosen, method=options.method, relu=options.relu, normalize=options.normalize)
    share = likelihood(found.score, loss=trained.meta.loss)
    print(found.how)
    figures: dict[str, Any] = {}
    for row, path in enumerate(images):
        names = [trained.meta.labels[number] for number in found.label[row].tolist()]
        shares = share[row, found.label[row]].tolist()
        maps = enlarge(found.map[row], size=(image.shape[2], image.shape[3]))
        boxes = map_boxes(maps)[:, 0]
        titles = [f"{name} {100 * value:.1f} %" for name, value in zip(names, shares, strict=True)]
        target = folder / f"{path.name}.png" if folder else options.out
        save(overlay(image[row], maps, titles, boxes, name=path.name), target)
        print(f"{path}  {target}")
        figures[str(path)] = {}
        for name, value, box in zip(names, shares, boxes.tolist(), strict=True):
            print(f"  {name:24} {100 * value:6.2f} %   box {tuple(box)}")
            figures[str(path)][name] = {"probability": value, "box": box}
    return figures
