"""How tight the classes lie in a space of features, and how far from each other.

Sizes in shapes: N samples, F features.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor


class ClassDistances(NamedTuple):
    """Mean distances in a feature space, in its own unit."""

    within: Float[Tensor, ""]
    """Of the samples to the mean of their class: classes of two samples or more count alike; not a number where there is none."""
    between: Float[Tensor, ""]
    """Of the classes' means to each other; not a number where there is one class only."""


def class_distances(feature: Float[Tensor, "N F"], label: Int[Tensor, " N"]) -> ClassDistances:
    """Mean Euclidean distances within and between the classes that are present.

    Their quotient does not change when the space is scaled, so it compares spaces.
    """
    _, group, count = label.unique(return_inverse=True, return_counts=True)
    zero = feature.new_zeros(len(count), feature.shape[1])
    mean = zero.index_add(0, group, feature) / count[:, None]
    distance = torch.linalg.vector_norm(feature - mean[group], dim=1)
    within = feature.new_zeros(len(count)).index_add(0, group, distance) / count
    return ClassDistances(within[count > 1].mean(), torch.pdist(mean).mean())  # one sample alone is no tight class
