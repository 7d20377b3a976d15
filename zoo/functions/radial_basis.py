"""Euclidean radial basis units: how far a feature vector lies from each class's code.

Sizes in shapes: B batch, F features, C classes.
"""

from jaxtyping import Float
from torch import Tensor


def squared_distance(x: Float[Tensor, "B F"], code: Float[Tensor, "C F"]) -> Float[Tensor, "B C"]:
    r"""Energies :math:`y_i = \sum_j (x_j - w_{ij})^2`, by one matrix product and without a B x C x F tensor.

    Args:
        x: Features.
        code: The centre of each unit.

    References:
        LeCun et al., Proc. IEEE 1998, equation 7.
    """
    return x.square().sum(-1, keepdim=True) - 2 * x @ code.T + code.square().sum(-1)
