"""explain.py MODEL PICTURE ...: where in a picture a classifier sees its classes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import tyro

from zoo.cli.common import check_json, make_folder, make_place, parse, write_figures
from zoo.errors import ZooError, check_range, did_you_mean

if TYPE_CHECKING:
    from zoo.data.framing import Framed
    from zoo.models.explanation import Explanation
    from zoo.registry import Trained

_MOST = 50  # classes that a drawing has room for
_NAMED = 10  # classes that an error names


@dataclass(frozen=True)
class CamOptions:
    """Lay class activation maps over pictures: heat, contours, and the box around what reaches 20 % of the maximum."""

    pictures: tyro.conf.Positional[tuple[Path, ...]] = ()
    """Picture files of any kind and size, or folders of them."""
    classes: str = "top5"
    """topN for the N likeliest classes of each picture, or names of classes with commas between them, or one that holds
    commas; at most 50."""
    out: Path | None = None
    """The drawing of one picture, a .png file: overlay.png if this is left out; or a folder with a drawing a picture, which for several
    pictures, and folders of them, is overlays."""
    method: Literal["auto", "cam", "grad-cam"] = "auto"
    """cam: for networks that end in global average pooling and one linear layer, as torchvision-gap/vgg16 does, which has to be
    fine-tuned first. grad-cam: for others that end in maps; one that goes on to work on sequences, as vision transformers do, needs
    --layer. auto: chooses."""
    layer: str | None = None
    """Part of the network whose maps Grad-CAM weighs, by name; without it the last one that gives maps."""
    relu: bool = False
    """Cut the maps that are drawn off below zero; boxes are cut from the maps as they are."""
    normalize: bool = False
    """Stretch each map that is drawn from its smallest to its largest value over [0, 1]; likewise."""
    weights: Path | None = None
    """File of weights for torchvision/NAME; without it torchvision downloads its own."""
    batch_size: int = 16
    """Pictures at a time."""
    json: Path | None = None
    """File for the figures. Boxes are in pixels of the square of ``size`` that is drawn, which shows ``crop`` of the upright picture, in
    the picture's pixels."""

    def __post_init__(self) -> None:
        check_range("--batch-size", self.batch_size, least=1)


def main(name: str, flags: list[str]) -> None:
    """Explain the pictures that ``flags`` name to a person who has the model ``name``."""
    options = parse(CamOptions, flags, prog=f"explain.py {name}")
    if not options.pictures:
        raise ZooError(f"explain.py MODEL PICTURE ...: {name} was taken as the model's name, and no picture follows")
    check_json(options.json)
    files = _files(options.pictures)
    places = _places(options, files)
    if name.startswith("torchvision-gap/"):
        raise ZooError(f"{name} has learnt no classes yet; finetune.py {name} --data folder --data.root DIR teaches it yours")
    from zoo.registry import load_trained

    trained = load_trained(name, weights=options.weights)
    if trained.transform is None or not trained.meta.labels:
        raise ZooError(f"{name} does not tell pictures apart; explain.py is for classifiers of pictures, trained or fine-tuned")
    chosen = _named_classes(options.classes, trained.meta.labels)
    figures: dict[str, Any] = {}
    for first in range(0, len(files), options.batch_size):
        pictures = _read(files[first : first + options.batch_size], trained, alone=len(files) == 1)
        if pictures:
            found = _explain(pictures, trained, options, chosen)
            if not figures:
                side = trained.transform.content
                print(f"{found.how}; boxes in pixels of the {side} x {side} that are drawn")
            figures |= _draw(pictures, found, trained, options, places)
    write_figures(options.json, figures)
    if unread := len(files) - len(figures):
        raise ZooError(f"{unread} of {len(files)} pictures could not be read")


def _places(options: CamOptions, files: list[Path]) -> dict[Path, Path]:
    """Where the drawing of each picture goes, which is not where pictures are read; its folder is there."""
    by_default = options.out is None and not any(path.is_dir() for path in options.pictures)
    if len(files) == 1 and (by_default or (options.out is not None and options.out.suffix)):
        drawing = options.out or Path("overlay.png")
        make_place(drawing, inputs=files)
        return {files[0]: drawing}
    folder = options.out or Path("overlays")
    if folder.suffix.lower() == ".png":
        raise ZooError(f"--out {folder}: one file for the drawings of {len(files)} pictures; name a folder")
    if any(file.parent.resolve() == folder.resolve() for file in files):
        raise ZooError(f"--out {folder}: pictures are read from this folder; name another for their drawings")
    make_folder(folder)
    return {file: folder / f"{file.name}.png" for file in files}


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


def _read(files: list[Path], trained: "Trained", *, alone: bool) -> "dict[Path, Framed]":
    """The pictures that can be read, framed for the model; the others get a line each."""
    from zoo.data.framing import frame_file

    pictures: dict[Path, Framed] = {}
    assert trained.transform is not None, "the caller has looked"
    for path in files:
        try:
            pictures[path] = frame_file(path, trained.transform, kind=trained.meta.data["kind"])
        except ZooError as error:
            if alone:
                raise
            print(f"error: {error}", file=sys.stderr)
    return pictures


def _named_classes(wanted: str, labels: list[str]) -> int | list[int]:
    """How many of the likeliest classes, or which."""
    if wanted.startswith("top") and wanted[3:].isdecimal():
        check_range("--classes top", int(wanted[3:]), least=1, below=_MOST + 1)
        return int(wanted[3:])
    names = [wanted] if wanted in labels else list(dict.fromkeys(name.strip() for name in wanted.split(",")))
    check_range("--classes: number", len(names), least=1, below=_MOST + 1)
    for name in names:
        if name not in labels:
            some = ", ".join(labels[:_NAMED]) + (", ..." if len(labels) > _NAMED else "")
            hint = did_you_mean(name, labels, otherwise=f"it has {some}; topN takes the likeliest")
            raise ZooError(f"--classes: the model has no class {name!r}; {hint}")
    return [labels.index(name) for name in names]


def _explain(pictures: "dict[Path, Framed]", trained: "Trained", options: CamOptions, chosen: int | list[int]) -> "Explanation":
    """Compute the maps of a batch."""
    import torch

    from zoo.models.explanation import explain

    assert trained.transform is not None, "the caller has looked"
    x = trained.transform(torch.stack([framed.image for framed in pictures.values()]))
    return explain(trained.model, x, classes=chosen, method=options.method, layer=options.layer)


def _draw(
    pictures: "dict[Path, Framed]", found: "Explanation", trained: "Trained", options: CamOptions, places: dict[Path, Path]
) -> dict[str, Any]:
    """Draw and print the maps of a batch."""
    from zoo.figures.canvas import save
    from zoo.figures.overlay import overlay
    from zoo.functions.losses import likelihood
    from zoo.metrics.localization import enlarge, map_boxes
    from zoo.models.cam import rescaled

    transform = trained.transform
    assert transform is not None, "the caller has looked"
    share = likelihood(found.score, loss=trained.meta.loss).gather(1, found.label)
    figures: dict[str, Any] = {}
    for row, (path, framed) in enumerate(pictures.items()):
        maps = transform.of_content(enlarge(found.map[row], size=(transform.size, transform.size)))
        boxes = map_boxes(maps)[:, 0]
        drawn = rescaled(maps, relu=options.relu, normalize=options.normalize)
        names = [trained.meta.labels[number] for number in found.label[row].tolist()]
        rows = list(zip(names, share[row].tolist(), boxes.tolist(), strict=True))
        save(overlay(framed.image, drawn, [f"{name}: {100 * value:.1f} %" for name, value, _ in rows], boxes, name=path.name), places[path])
        print(f"{path}  ({framed.said})  {places[path]}")
        width = max(map(len, names))
        for (name, value, box), one in zip(rows, maps, strict=True):
            where = f"box {tuple(box)}" if one.max() > 0 else "no place speaks for it: whole picture"
            print(f"  {name:{width}} {100 * value:6.2f} %   {where}")
        classes = [{"name": name, "probability": value, "box": box} for name, value, box in rows]  # names need not be unique
        figures[str(path)] = {"method": found.how, "size": transform.content, "crop": framed.crop, "classes": classes}
    return figures
