"""Two-dimensional convolution in mathematics' and MATLAB's sense: the kernel is flipped; 'valid', stride 1.

Sizes in shapes: B batch, I input maps, O output maps, K and L kernel height and width, H and W height and width.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.functions.convolution import kernel_gradient
from zoo.functions.native import is_native
from zoo.functions.registry import register_function
from zoo.functions.shapes import check_kernel


class _Convolve2d(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return F.conv2d(x, _rot180(weight), bias)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor | None], output: Tensor) -> None:
        x, weight, _ = inputs
        ctx.save_for_backward(x, weight)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight = (saved.to(grad.dtype) for saved in ctx.saved_tensors)  # autocast ran the forward pass in grad's dtype
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        # MATLAB's convn(g, rot180(K), 'full'): the transposed operator convolves, so that it takes the flipped kernel.
        grad_x = F.conv_transpose2d(grad, _rot180(weight)) if needs_x else None
        grad_weight = _rot180(kernel_gradient(x, grad, weight.shape)) if needs_weight else None
        return grad_x, grad_weight, grad.sum((0, -2, -1)) if needs_bias else None


def _rot180(kernel: Tensor) -> Tensor:
    return kernel.flip(-2, -1)


def convolve2d_native(
    x: Float[Tensor, "B I H W"], weight: Float[Tensor, "O I K L"], bias: Float[Tensor, " O"] | None
) -> Float[Tensor, "B O H-K+1 W-L+1"]:
    """The native twin: correlation with the flipped kernel, differentiated by autograd."""
    check_kernel(x, weight)
    return F.conv2d(x, _rot180(weight), bias)


@register_function(
    formula="(10)",
    native=convolve2d_native,
    example=lambda draw: (draw(2, 2, 5, 6), draw(3, 2, 3, 2), draw(3)),
    extremes={
        "many weights a map": lambda draw: (draw(2, 4, 6, 5), draw(3, 4, 3, 3), draw(3)),
        "1 x 1 kernels": lambda draw: (draw(2, 2, 3, 4), draw(3, 2, 1, 1), draw(3)),
        "kernel as large as the image": lambda draw: (draw(2, 2, 4, 3), draw(3, 2, 4, 3), draw(3)),
        "batch of one": lambda draw: (draw(1, 2, 5, 6), draw(3, 2, 3, 2), draw(3)),
        "empty batch": lambda draw: (draw(0, 2, 5, 6), draw(3, 2, 3, 2), draw(3)),
    },
    workload=lambda draw: (draw(50, 1, 28, 28), draw(6, 1, 5, 5), draw(6)),
)
def convolve2d(
    x: Float[Tensor, "B I H W"], weight: Float[Tensor, "O I K L"], bias: Float[Tensor, " O"] | None
) -> Float[Tensor, "B O H-K+1 W-L+1"]:
    r"""Convolve every input map with its kernel and add up: :math:`Y_o = b_o + \sum_i X_i * K_{oi}`.

    The same as ``conv2d`` with each kernel turned by 180 degrees; it is what MATLAB's ``convn(X, K, 'valid')`` computes.

    Args:
        x: Input maps.
        weight: Kernels, as they stand in the formula; the function flips them.
        bias: One bias an output map, or none.

    Returns:
        Output maps ('valid': no padding, stride 1).

    Raises:
        ZooError: The kernel is larger than the image.

    References:
        Slides D4:578-592 (forward), D4:1016-1022 and D4:1130-1142 (backward; errata E28, E29, E35). Gradient: MATHS.md (10).
    """
    if is_native():
        return convolve2d_native(x, weight, bias)
    check_kernel(x, weight)
    return _Convolve2d.apply(x, weight, bias)
