"""The picture sets by name: how each is read, where it comes from and what its licence says."""

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
    title: str
    licence: str
    limits: str
    """What a model trained on it cannot be expected to do."""
    ink_box: float | None
    """Share of the picture's side that the ink takes, for sets whose pictures are framed so; None for whole pictures."""


def limits(kind: str) -> str:
    """What a model trained on a set cannot be expected to do, for its card."""
    return DOUBLE_MOON_LIMITS if kind == "double-moon" else SOURCES[kind].limits


DOUBLE_MOON_LIMITS = "Two half rings at one distance, as Haykin draws them: for looking at a decision boundary, not for data of your own."

SOURCES: dict[str, Source] = {
    "digits": Source(
        load=lambda options: load_digits(),
        title="UCI optical recognition of handwritten digits, test part (1,797 pictures, 8x8), as in scikit-learn",
        licence="CC BY 4.0",
        limits="Trained on 8 x 8 digits by 13 writers, enlarged; for trying the zoo out, not for reading digits elsewhere.",
        ink_box=1.0,
    ),
    "mnist": Source(
        load=lambda options: load_mnist(options.root),
        title="MNIST database of handwritten digits (70,000 pictures, 28x28), LeCun, Cortes and Burges 1998",
        licence="CC BY-SA 3.0, as commonly stated",
        limits="Knows single handwritten digits as North Americans wrote them around 1990, upright and centred (predict.py centres "
        "them); it has no class for anything else, so it gives a digit, often a confident one, to any picture at all.",
        ink_box=20 / 28,
    ),
    "folder": Source(
        load=lambda options: load_folder(options.root, side=options.transform.content),
        title="a user's own pictures",
        licence="the user's",
        limits="Whatever its user's pictures do not show.",
        ink_box=None,
    ),
}
