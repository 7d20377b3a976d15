"""Convolution over a connection table: each output map sees only some of the input maps.

Sizes in shapes: B batch, I input maps, O output maps, P connected pairs, K kernel side, H and W height and width.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from zoo.functions.convolution import conv2d_native, kernel_gradient
from zoo.functions.draw import Draw
from zoo.functions.native import is_native
from zoo.functions.registry import Example, register_function
from zoo.functions.shapes import check_kernel
from zoo.functions.true_convolution import convolve2d_native


class _TableConv2d(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor, pair: Tensor) -> Tensor:
        return F.conv2d(x, _dense(x, weight, bias, pair), bias)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        *saved, pair = ctx.saved_tensors
        x, weight, bias = (each.to(grad.dtype) for each in saved)  # autocast ran the forward pass in grad's dtype
        needs_x, needs_weight, needs_bias, _ = ctx.needs_input_grad
        dense = _dense(x, weight, bias, pair)
        # An input map hears from the output maps that see it alone: elsewhere its kernels are zeros.
        grad_x = F.conv_transpose2d(grad, dense) if needs_x else None
        # T * dK, without the zeros.
        grad_weight = kernel_gradient(x, grad, dense.shape)[pair[0], pair[1]] if needs_weight else None
        return grad_x, grad_weight, grad.sum((0, -2, -1)) if needs_bias else None, None


def _dense(x: Tensor, weight: Tensor, bias: Tensor, pair: Tensor) -> Tensor:
    """All O x I kernels: zeros where the table has no connection."""
    return weight.new_zeros(len(bias), x.shape[-3], *weight.shape[1:]).index_put((pair[0], pair[1]), weight)


def table_conv2d_native(
    x: Float[Tensor, "B I H W"], weight: Float[Tensor, "P K K"], bias: Float[Tensor, " O"], pair: Int[Tensor, "2 P"]
) -> Float[Tensor, "B O H-K+1 W-K+1"]:
    """The native twin: kernels put into a dense tensor of zeros, differentiated by autograd."""
    return conv2d_native(x, _dense(x, weight, bias, pair), bias)


def _arguments(draw: Draw, *, batch: int = 2, sides: tuple[int, int] = (5, 6), kernel: int = 3) -> tuple[Tensor, ...]:
    """A table in which the first and third input maps have two readers each and the second has none."""
    x, weight, bias = draw(batch, 3, *sides), draw(4, kernel, kernel), draw(3)
    return x, weight, bias, torch.tensor([[0, 0, 1, 2], [0, 2, 2, 0]], device=x.device)


_EXTREMES: dict[str, Example] = {
    "1 x 1 kernels": lambda draw: _arguments(draw, kernel=1),
    "kernel as large as the image": lambda draw: _arguments(draw, sides=(3, 3)),
    "batch of one": lambda draw: _arguments(draw, batch=1),
    "empty batch": lambda draw: _arguments(draw, batch=0),
}


@register_function(formula="(11)", native=table_conv2d_native, example=_arguments, extremes=_EXTREMES)
def table_conv2d(
    x: Float[Tensor, "B I H W"], weight: Float[Tensor, "P K K"], bias: Float[Tensor, " O"], pair: Int[Tensor, "2 P"]
) -> Float[Tensor, "B O H-K+1 W-K+1"]:
    """Correlate each connected pair of maps with its own kernel and sum over the inputs of each output map.

    Only the kernels of connected pairs exist as parameters, so neither a gradient nor weight decay can
    touch a connection that the table leaves out.

    Args:
        x: Input maps.
        weight: One kernel a connected pair.
        bias: One bias an output map.
        pair: Output map (row 0) and input map (row 1) of each kernel; no pair twice.

    Returns:
        The output maps ('valid': no padding, stride 1).

    Raises:
        ZooError: The kernel is larger than the image.

    References:
        Slide D0:1132 (``T_{p,k}``; errata E17, E20), MATHS.md (11); LeCun et al., Proc. IEEE 1998, Table I.
    """
    if is_native():
        return table_conv2d_native(x, weight, bias, pair)
    check_kernel(x, weight)
    return _TableConv2d.apply(x, weight, bias, pair)


def table_convolve2d_native(
    x: Float[Tensor, "B I H W"], weight: Float[Tensor, "P K K"], bias: Float[Tensor, " O"], pair: Int[Tensor, "2 P"]
) -> Float[Tensor, "B O H-K+1 W-K+1"]:
    """The native twin."""
    return convolve2d_native(x, _dense(x, weight, bias, pair), bias)


@register_function(formula="(10), (11)", native=table_convolve2d_native, example=_arguments, extremes=_EXTREMES)
def table_convolve2d(
    x: Float[Tensor, "B I H W"], weight: Float[Tensor, "P K K"], bias: Float[Tensor, " O"], pair: Int[Tensor, "2 P"]
) -> Float[Tensor, "B O H-K+1 W-K+1"]:
    """Convolve over a table: ``table_conv2d`` with each kernel turned by 180 degrees, so that its gradient is turned as well.

    Args:
        x: Input maps.
        weight: One kernel a connected pair, as it stands in the formula; the function flips it.
        bias: One bias an output map.
        pair: Output map (row 0) and input map (row 1) of each kernel; no pair twice.

    Returns:
        The output maps ('valid': no padding, stride 1).

    Raises:
        ZooError: The kernel is larger than the image.

    References:
        Slides D0:1095-1137 (which leave the convention open: erratum E18), MATHS.md (10) and (11).
    """
    return table_conv2d(x, weight.flip(-2, -1), bias, pair)
