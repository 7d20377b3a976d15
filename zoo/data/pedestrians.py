"""VIPeR as vectors: each picture's stripes of colour and texture, in the principal components of the people trained on.

Sizes in shapes: N people, D features, K components.
"""

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.data.people import load_pedestrians
from zoo.data.sets import Labelled
from zoo.data.stripes import stripe_features

_COMPONENTS = 500


def describe_pedestrians(root: Path | None, *, seed: int) -> tuple[tuple[Labelled, Labelled], tuple[Labelled, Labelled]]:
    """Half of the people to train on and half for the test, as both cameras see them: their stripes.

    Args:
        root: Where VIPeR is.
        seed: Of the draw of the people; the usual protocol takes ten.

    Returns:
        Both views of the training people, and of the others.

    Raises:
        ZooError: The data is missing or damaged.
    """
    first, second = (stripe_features(view) for view in load_pedestrians(root))
    order = torch.randperm(len(first), generator=torch.Generator().manual_seed(seed))
    train, test = (part.sort().values for part in (order[: len(order) // 2], order[len(order) // 2 :]))
    (x_train, y_train), (x_test, y_test) = (tuple(Labelled(view[part], part) for view in (first, second)) for part in (train, test))
    return (x_train, y_train), (x_test, y_test)


def principal_components(first: Float[Tensor, "N D"], second: Float[Tensor, "N D"]) -> tuple[Float[Tensor, " D"], Float[Tensor, "D K"]]:
    """The mean of both views of some people, and the axes along which they vary most, at most 500.

    Each axis points to where its largest coordinate is positive: all libraries find it alike.
    """
    both = torch.cat([first, second])
    mean = both.mean(0)
    _, _, axis = torch.linalg.svd(both - mean, full_matrices=False)
    axis = axis[: min(_COMPONENTS, len(both) - 1)]
    return mean, (axis * axis.gather(1, axis.abs().argmax(1, keepdim=True)).sign()).T
