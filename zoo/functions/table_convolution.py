"""Convolution over a connection table: each output map sees only some of the input maps.

Sizes in shapes: B batch, I input maps, O output maps, P connected pairs, K kernel side, H and W height and width.
"""

from jaxtyping import Float, Int
from torch import Tensor

from zoo.functions.convolution import conv2d


def table_conv2d(
    x: Float[Tensor, "B I H W"],
    weight: Float[Tensor, "P K K"],
    bias: Float[Tensor, " O"],
    *,
    pair: Int[Tensor, "2 P"],
) -> Float[Tensor, "B O H-K+1 W-K+1"]:
    """Correlate each connected pair of maps with its own kernel and sum over the inputs of each output map.

    Only the kernels of connected pairs exist as parameters, so neither a gradient nor weight decay can
    touch a connection that the table leaves out.

    Args:
        x: Input maps.
        weight: One kernel a connected pair.
        bias: One bias an output map.
        pair: Output map (row 0) and input map (row 1) of each kernel.

    Returns:
        The output maps ('valid': no padding, stride 1).

    References:
        Slide D0:1132 (``T_{p,k}``; errata E17, E20), MATHS.md (11); LeCun et al., Proc. IEEE 1998, Table I.
    """
    dense = weight.new_zeros(len(bias), x.shape[-3], *weight.shape[1:]).index_put((pair[0], pair[1]), weight)
    return conv2d(x, dense, bias)
