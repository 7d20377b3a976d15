"""How well gaps were filled and points were put together.

Sizes in shapes: N points, D dimensions.
"""

import torch
from jaxtyping import Bool, Float, Int
from scipy.optimize import linear_sum_assignment  # comes with scikit-learn
from torch import Tensor


def completion_error(completed: Float[Tensor, "N D"], truth: Float[Tensor, "N D"], missing: Bool[Tensor, "N D"]) -> float:
    """Norm of the error over that of the truth, in the gaps alone; leaving zeros there gives 1."""
    return float((completed - truth)[missing].norm() / truth[missing].norm())


def clustering_error(found: Int[Tensor, " N"], label: Int[Tensor, " N"]) -> float:
    """Share of points outside the cluster that stands for their class, clusters and classes matched for the best."""
    size = int(max(found.max(), label.max())) + 1
    count = torch.bincount(label * size + found, minlength=size**2).view(size, size)
    row, column = linear_sum_assignment(-count.numpy())
    return 1 - float(count[row, column].sum()) / len(label)
