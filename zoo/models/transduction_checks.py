"""What models that answer sequences with sequences refuse."""

from jaxtyping import Float
from torch import Tensor

from zoo.errors import ZooError


def check_input(x: Float[Tensor, "..."], inputs: int) -> None:
    """Refuse what is not batch x steps x ``inputs`` floats, of one step at least.

    Raises:
        ZooError: It is not.
    """
    if x.dim() != 3 or x.shape[1] == 0 or x.shape[2] != inputs:
        raise ZooError(
            f"an input of shape {tuple(x.shape)}: must be batch x steps x {inputs} numbers, "
            "which the model was built for, and one step at least"
        )
    if not x.is_floating_point():
        raise ZooError(f"an input of {str(x.dtype).removeprefix('torch.')}: bits are given as floats, 0.0 and 1.0")
