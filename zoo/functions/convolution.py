"""Two-dimensional convolution in deep learning's sense: correlation, 'valid', stride 1.

Sizes in shapes: B batch, I input maps, O output maps, K and L kernel height and width, H and W height and width,
h and w those of the output.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.nn.grad import conv2d_weight

from zoo.functions.native import is_native
from zoo.functions.registry import register_function
from zoo.functions.shapes import check_kernel

_FEW = 32  # weights an output map: up to here the windows fit the cache, and a matrix product beats the library


class _Conv2d(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return F.conv2d(x, weight, bias)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor | None], output: Tensor) -> None:
        x, weight, _ = inputs
        ctx.save_for_backward(x, weight)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight = (saved.to(grad.dtype) for saved in ctx.saved_tensors)  # autocast ran the forward pass in grad's dtype
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        # Correlating with K goes back by convolving with it: 'full', with the maps' roles exchanged.
        grad_x = F.conv_transpose2d(grad, weight) if needs_x else None
        grad_weight = kernel_gradient(x, grad, weight.shape) if needs_weight else None
        return grad_x, grad_weight, grad.sum((0, -2, -1)) if needs_bias else None


def kernel_gradient(x: Float[Tensor, "B I H W"], grad: Float[Tensor, "B O h w"], shape: torch.Size) -> Float[Tensor, "O I K L"]:
    """Correlate input and output gradient, 'valid', summed over the batch: MATHS.md (9).

    Args:
        x: What the kernels were correlated with.
        grad: Gradient with respect to the output.
        shape: That of the kernels.
    """
    if shape[1:].numel() > _FEW or x.device.type != "cpu":
        return conv2d_weight(x, list(shape), grad)
    window = x.unfold(-2, shape[-2], 1).unfold(-2, shape[-1], 1)  # B I h w K L
    window = window.permute(0, 1, 4, 5, 2, 3).flatten(-2).flatten(1, 3)  # B IKL hw
    return (grad.flatten(-2) @ window.mT).sum(0).view(shape)


def conv2d_native(
    x: Float[Tensor, "B I H W"], weight: Float[Tensor, "O I K L"], bias: Float[Tensor, " O"] | None
) -> Float[Tensor, "B O H-K+1 W-L+1"]:
    """The native twin."""
    check_kernel(x, weight)
    return F.conv2d(x, weight, bias)


@register_function(
    formula="(9)",
    native=conv2d_native,
    example=lambda draw: (draw(2, 2, 5, 6), draw(3, 2, 3, 2), draw(3)),
    extremes={
        "many weights a map": lambda draw: (draw(2, 4, 6, 5), draw(3, 4, 3, 3), draw(3)),
        "one map": lambda draw: (draw(2, 1, 5, 5), draw(1, 1, 3, 3), draw(1)),
        "1 x 1 kernels": lambda draw: (draw(2, 2, 3, 4), draw(3, 2, 1, 1), draw(3)),
        "kernel as large as the image": lambda draw: (draw(2, 2, 4, 3), draw(3, 2, 4, 3), draw(3)),
        "large kernel as large as the image": lambda draw: (draw(2, 2, 5, 5), draw(3, 2, 5, 5), draw(3)),
        "batch of one": lambda draw: (draw(1, 2, 5, 6), draw(3, 2, 3, 2), draw(3)),
        "empty batch": lambda draw: (draw(0, 2, 5, 6), draw(3, 2, 3, 2), draw(3)),
        "empty batch, many weights a map": lambda draw: (draw(0, 4, 5, 6), draw(3, 4, 3, 3), draw(3)),
    },
    workload=lambda draw: (draw.constant(256, 1, 32, 32), draw(6, 1, 5, 5), draw(6)),
)
def conv2d(
    x: Float[Tensor, "B I H W"], weight: Float[Tensor, "O I K L"], bias: Float[Tensor, " O"] | None
) -> Float[Tensor, "B O H-K+1 W-L+1"]:
    r"""Correlate every input map with its kernel and add up: :math:`Y_o = b_o + \sum_i X_i \star K_{oi}`.

    Args:
        x: Input maps.
        weight: Kernels, not flipped.
        bias: One bias an output map, or none.

    Returns:
        Output maps ('valid': no padding, stride 1).

    Raises:
        ZooError: The kernel is larger than the image.

    References:
        Slides D0:1095-1137 (errata E15, E18, E19), gradient: MATHS.md (9).
    """
    if is_native():
        return conv2d_native(x, weight, bias)
    check_kernel(x, weight)
    return _Conv2d.apply(x, weight, bias)
