"""Trainable sub-sampling: mean over s x s windows, then one weight and one bias a map.

Sizes in shapes: B batch, C maps, H and W height and width, s window and stride.
"""

import functools
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native


class _Subsample(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor, size: int) -> Tensor:
        return torch.addcmul(_per_map(bias), mean_pool(x, size), _per_map(weight))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, int], output: Tensor) -> None:
        x, weight, _, ctx.size = inputs
        # The input is alive anyway (it is what the squashing before it keeps), so down(x) is cheaper to redo than to hold.
        ctx.save_for_backward(x, weight)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        x, weight = ctx.saved_tensors
        grad_weight = (grad * mean_pool(x, ctx.size)).sum((-4, -2, -1))
        grad_bias = grad.sum((-4, -2, -1))
        # Each of the s*s inputs of a window carries an equal share of the mean's gradient.
        grad_x = spread(grad * _per_map(weight / ctx.size**2), ctx.size, x.shape)
        return grad_x, grad_weight, grad_bias, None


def _per_map(parameter: Tensor) -> Tensor:
    return parameter[:, None, None]


def mean_pool(x: Float[Tensor, "B C H W"], size: int) -> Float[Tensor, "B C H//{size} W//{size}"]:
    """Mean over windows, as a sum of strided views, which vectorises on the CPU where ``F.avg_pool2d`` does not."""
    height, width = (side // size * size for side in x.shape[-2:])
    corners = [x[..., row:height:size, column:width:size] for row in range(size) for column in range(size)]
    return functools.reduce(torch.add, corners) / size**2


def spread(x: Float[Tensor, "B C h w"], size: int, shape: torch.Size) -> Float[Tensor, "B C H W"]:
    """Repeat each value over its window (MATLAB's ``expand``); zeros where no whole window was."""
    across = x.unsqueeze(-1).expand(*x.shape, size).flatten(-2)
    full = across.unsqueeze(-2).expand(*across.shape[:-1], size, across.shape[-1]).flatten(-3, -2)
    return F.pad(full, (0, shape[-1] - full.shape[-1], 0, shape[-2] - full.shape[-2])) if full.shape != shape else full


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

    References:
        Slide D0:1113-1117 (``X_k = f(w down(R_k) + b)``; erratum E23: the up-sampling in its gradient must
        divide by the window's area). LeCun et al., Proc. IEEE 1998, section II.B. Gradient: MATHS.md (15).
    """
    if is_native():
        return subsample_native(x, weight, bias, size=size)
    return _Subsample.apply(x, weight, bias, size)


def subsample_native(
    x: Float[Tensor, "B C H W"], weight: Float[Tensor, " C"], bias: Float[Tensor, " C"], *, size: int = 2
) -> Float[Tensor, "B C H//{size} W//{size}"]:
    """The native twin: mean pooling and an affine map, differentiated by autograd."""
    return F.avg_pool2d(x, size) * _per_map(weight) + _per_map(bias)
