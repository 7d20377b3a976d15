"""Euclidean radial basis units: how far a feature vector lies from each class's code.

Sizes in shapes: B batch, F features, C classes.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _SquaredDistance(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, code: Tensor) -> Tensor:
        return squared_distance_native(x, code)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None]:
        x, code = (saved.to(grad.dtype) for saved in ctx.saved_tensors)  # autocast mixes dtypes
        needs_x, needs_code = ctx.needs_input_grad
        # dy_i/dx = 2 (x - w_i) = -dy_i/dw_i; summed over units, or over the batch, by one matrix product each.
        grad_x = 2 * (x * grad.sum(1, keepdim=True) - grad @ code) if needs_x else None
        return grad_x, 2 * (code * grad.sum(0).unsqueeze(-1) - grad.T @ x) if needs_code else None


def squared_distance_native(x: Float[Tensor, "B F"], code: Float[Tensor, "C F"]) -> Float[Tensor, "B C"]:
    """The native twin: the same value, differentiated by autograd."""
    return x.square().sum(-1, keepdim=True) - 2 * x @ code.T + code.square().sum(-1)


@register_function(
    formula="LeNet-5 (7)",
    native=squared_distance_native,
    example=lambda draw: (draw(4, 3), draw(5, 3)),
    extremes={
        "far off": lambda draw: (draw.saturated(4, 3), draw(5, 3)),
        "one feature, one class, batch of one": lambda draw: (draw(1, 1), draw(1, 1)),
        "empty batch": lambda draw: (draw(0, 3), draw(5, 3)),
    },
    workload=lambda draw: (draw(256, 84), draw(10, 84)),
)
def squared_distance(x: Float[Tensor, "B F"], code: Float[Tensor, "C F"]) -> Float[Tensor, "B C"]:
    r"""Energies :math:`y_i = \sum_j (x_j - w_{ij})^2`, by one matrix product and without a B x C x F tensor.

    Args:
        x: Features.
        code: The centre of each unit.

    References:
        LeCun et al., Proc. IEEE 1998, equation 7; its gradient is :math:`2 (x - w_i)`.
    """
    return squared_distance_native(x, code) if is_native() else _SquaredDistance.apply(x, code)
