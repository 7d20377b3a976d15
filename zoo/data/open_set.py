"""Pictures for embeddings: classes to learn from, and for open-set verification others that training never sees.

Sizes in shapes: N pictures.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from zoo.data.digits import load_digits
from zoo.data.metric_options import EmbeddingOptions
from zoo.data.mnist import load_mnist
from zoo.data.people import load_faces
from zoo.data.sets import Labelled, Splits

_MOST_VERIFIED = 3000  # pictures: their pairs are compared


@dataclass(frozen=True)
class OpenSet:
    """Pictures as they come."""

    seen: Splits
    """The classes to learn, numbered anew."""
    verified: Labelled
    """Pictures whose pairs are to be told apart: of the unseen classes, or, where there are none, of the test split."""
    unseen: list[str]
    """Names of the unseen classes."""


def read_open_set(options: EmbeddingOptions, *, seed: int) -> OpenSet:
    """Read the pictures and keep ``options.unseen`` classes out of training.

    Args:
        options: The recipe's.
        seed: Of the draw of the unseen classes.

    Raises:
        ZooError: The data is missing or damaged.
    """
    splits = _load(options.kind, options.root)
    drawn = torch.randperm(len(splits.labels), generator=torch.Generator().manual_seed(seed))
    unseen = drawn[: options.unseen].sort().values
    if not options.unseen:
        return OpenSet(splits, _some(splits.test), [])
    seen = drawn[options.unseen :].sort().values
    train, test = (_only(split, seen) for split in (splits.train, splits.test))
    others = [_only(split, unseen) for split in (splits.test, splits.train)]
    verified = Labelled(torch.cat([each.input for each in others]), torch.cat([each.label for each in others]))
    return OpenSet(Splits(train, test, _names(splits, seen)), _some(verified), _names(splits, unseen))


def _load(kind: str, root: Path | None) -> Splits:
    if kind == "digits":
        return load_digits()
    return load_mnist(root) if kind == "mnist" else load_faces(root)


def _some(split: Labelled) -> Labelled:
    """All pictures, or the same random ones each time: in a file, the first may be unlike the rest, as MNIST's test pictures are."""
    drawn = torch.randperm(len(split), generator=torch.Generator().manual_seed(0))[:_MOST_VERIFIED]
    return split.subset(drawn.sort().values)


def _only(split: Labelled, classes: Tensor) -> Labelled:
    """The pictures of ``classes``, which become 0, 1, 2, ... in their order."""
    found = split.subset(torch.isin(split.label, classes).nonzero()[:, 0])
    return Labelled(found.input, torch.searchsorted(classes, found.label))


def _names(splits: Splits, classes: Tensor) -> list[str]:
    return [splits.labels[number] for number in classes.tolist()]
