"""The picture sets by name: how each is read, and how its pictures are framed."""

from collections.abc import Callable
from dataclasses import dataclass

from zoo.data.digits import load_digits
from zoo.data.folder import load_folder
from zoo.data.mnist import load_mnist
from zoo.data.options import ImageOptions
from zoo.data.sets import Splits


@dataclass(frozen=True)
class Source:
    """One set of pictures."""

    load: Callable[[ImageOptions], Splits]
    ink_box: float | None
    """Share of the picture's side that the ink takes, for sets whose pictures are framed so; None for whole pictures."""


def _folder(options: ImageOptions) -> Splits:
    return load_folder(options.root, side=options.transform.content, colour=options.transform.colour)


SOURCES: dict[str, Source] = {
    "digits": Source(load=lambda options: load_digits(), ink_box=1.0),
    "mnist": Source(load=lambda options: load_mnist(options.root), ink_box=20 / 28),
    "folder": Source(load=_folder, ink_box=None),
}
