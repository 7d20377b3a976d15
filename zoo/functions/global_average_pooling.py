"""Global average pooling: one number a feature map.

Sizes in shapes: B batch, C maps, H and W height and width.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _GlobalAveragePool(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.mean((-2, -1))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.shape = inputs[0].shape

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        area = ctx.shape[-2] * ctx.shape[-1]
        return (grad / area)[..., None, None].expand(ctx.shape)


def global_average_pool_native(x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C"]:
    """The native twin."""
    return F.adaptive_avg_pool2d(x, 1).flatten(-3)


@register_function(
    formula="(16)",
    native=global_average_pool_native,
    example=lambda draw: (draw(2, 3, 4, 6),),
    extremes={
        "1 x 1 maps": lambda draw: (draw(2, 3, 1, 1),),
        "batch of one": lambda draw: (draw(1, 1, 3, 5),),
        "empty batch": lambda draw: (draw(0, 3, 4, 6),),
    },
)
def global_average_pool(x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C"]:
    r"""Mean over each whole map: :math:`y_c = \frac{1}{HW} \sum_{xy} X_c(x, y)`.

    Args:
        x: Feature maps, of at least one pixel.

    Returns:
        One number a map.

    References:
        Slides D0:1151 and D0:1354, whose formula sums where "average" divides by HW (erratum E47). Lin, Chen and Yan,
        "Network in Network", 2014, section 3.2. Gradient: MATHS.md (16).
    """
    return global_average_pool_native(x) if is_native() else _GlobalAveragePool.apply(x)
