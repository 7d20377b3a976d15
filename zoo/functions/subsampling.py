"""Trainable sub-sampling: mean over s x s windows, then one weight and one bias a map.

Sizes in shapes: B batch, C maps, H and W height and width, s window and stride.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.mean_pooling import mean_pool_native, spread, window_mean
from zoo.functions.native import is_native
from zoo.functions.registry import register_function
from zoo.functions.shapes import check_window


class _Subsample(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor, size: int) -> Tensor:
        return torch.addcmul(_per_map(bias), window_mean(x, size), _per_map(weight))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, int], output: Tensor) -> None:
        x, weight, _, ctx.size = inputs
        # The input is alive anyway (it is what the squashing before it keeps), so down(x) is cheaper to redo than to hold.
        ctx.save_for_backward(x, weight)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        x, weight = ctx.saved_tensors
        grad_weight = (grad * window_mean(x, ctx.size)).sum((-4, -2, -1))
        grad_bias = grad.sum((-4, -2, -1))
        # Each of the s*s inputs of a window carries an equal share of the mean's gradient.
        grad_x = spread(grad * _per_map(weight / ctx.size**2), ctx.size, x.shape)
        return grad_x, grad_weight, grad_bias, None


def _per_map(parameter: Tensor) -> Tensor:
    return parameter[:, None, None]


def subsample_native(
    x: Float[Tensor, "B C H W"], weight: Float[Tensor, " C"], bias: Float[Tensor, " C"], *, size: int = 2
) -> Float[Tensor, "B C H//{size} W//{size}"]:
    """The native twin: mean pooling and an affine map, differentiated by autograd."""
    return mean_pool_native(x, size=size) * _per_map(weight) + _per_map(bias)


@register_function(
    formula="(15)",
    native=subsample_native,
    example=lambda draw: (draw(2, 3, 4, 6), draw(3), draw(3)),
    extremes={
        "sides that are no multiple of the window": lambda draw: (draw(2, 3, 5, 7), draw(3), draw(3)),
        "window as large as the image": lambda draw: (draw(2, 3, 2, 2), draw(3), draw(3)),
        "all-equal windows": lambda draw: (torch.ones_like(draw(2, 3, 4, 4)).requires_grad_(), draw(3), draw(3)),
        "batch of one": lambda draw: (draw(1, 1, 4, 4), draw(1), draw(1)),
        "empty batch": lambda draw: (draw(0, 3, 4, 6), draw(3), draw(3)),
    },
    workload=lambda draw: (draw(256, 6, 28, 28), draw(6), draw(6)),
)
def subsample(
    x: Float[Tensor, "B C H W"], weight: Float[Tensor, " C"], bias: Float[Tensor, " C"], *, size: int = 2
) -> Float[Tensor, "B C H//{size} W//{size}"]:
    r"""Shrink each map: :math:`Z = w \cdot \mathrm{down}(X) + b`, one ``w`` and one ``b`` a map.

    ``down`` is the mean over windows, as on the slides; LeCun's own text sums the four inputs, so that
    its coefficient is a quarter of this weight. Rows and columns that fill no whole window are dropped.

    Args:
        x: Feature maps.
        weight: The trainable coefficient of each map.
        bias: The trainable bias of each map.
        size: Side of the square window, and the stride.

    Returns:
        Maps of ``H // size`` by ``W // size``.

    Raises:
        ZooError: The window is larger than the image.

    References:
        Slide D0:1113-1117 (``X_k = f(w down(R_k) + b)``; erratum E23: the up-sampling in its gradient must
        divide by the window's area). LeCun et al., Proc. IEEE 1998, section II.B. Gradient: MATHS.md (15).
    """
    if is_native():
        return subsample_native(x, weight, bias, size=size)
    check_window(x, size)
    return _Subsample.apply(x, weight, bias, size)
