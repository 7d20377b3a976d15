"""VIPeR as vectors: each picture's stripes of colour and texture, in the coordinates of the people trained on.

Sizes in shapes: N people, D features, K components.
"""

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.data.people import load_pedestrians
from zoo.data.sets import Labelled
from zoo.data.stripes import stripe_features

_COMPONENTS = 300
_RIDGE = 0.1  # share of the mean variance that is added to a person's own


def describe_pedestrians(root: Path | None, *, seed: int) -> tuple[tuple[Labelled, Labelled], tuple[Labelled, Labelled]]:
    """Half of the people to train on and half for the test, as both cameras see them.

    Args:
        root: Where VIPeR is.
        seed: Of the draw of the people; the usual protocol takes ten.

    Returns:
        Both views of the training people, and of the others: principal components, in which the two views of a training person
        differ as much in every direction.

    Raises:
        ZooError: The data is missing or damaged.
    """
    first, second = (stripe_features(view) for view in load_pedestrians(root))
    order = torch.randperm(len(first), generator=torch.Generator().manual_seed(seed))
    train, test = (part.sort().values for part in (order[: len(order) // 2], order[len(order) // 2 :]))
    mean, axes = _coordinates(first[train], second[train])
    (x_train, y_train), (x_test, y_test) = (
        tuple(Labelled((view[part] - mean) @ axes, part) for view in (first, second)) for part in (train, test)
    )
    return (x_train, y_train), (x_test, y_test)


def _coordinates(first: Float[Tensor, "N D"], second: Float[Tensor, "N D"]) -> tuple[Float[Tensor, " D"], Float[Tensor, "D K"]]:
    """The mean, and axes along which pairs differ with unit variance: principal components, whitened within people."""
    both = torch.cat([first, second])
    mean = both.mean(0)
    _, _, axis = torch.linalg.svd(both - mean, full_matrices=False)
    component = axis[: min(_COMPONENTS, len(both) - 1)].T
    difference = (first - second) @ component
    within = difference.T @ difference / len(difference)
    within += _RIDGE * within.diagonal().mean() * torch.eye(len(within))
    variance, direction = torch.linalg.eigh(within)
    return mean, component @ direction / variance.sqrt()
