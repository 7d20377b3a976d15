"""Content addressing of the neural Turing machine: attend to the rows of a memory that resemble a key.

Sizes in shapes: B batch, H heads, N rows of the memory, M numbers a row.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function

EPSILON = 1e-3
"""Added in squares to every length, so that a blank row or key has cosine 0 and a gradient of at most 1 / EPSILON."""


class _ContentAddressing(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(key: Tensor, strength: Tensor, memory: Tensor) -> Tensor:
        return (strength[..., None] * (_unit(key)[0] @ _unit(memory)[0].mT)).softmax(-1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        key, strength, memory, weight = ctx.saved_tensors
        (key, key_length), (row, row_length) = _unit(key), _unit(memory)
        cosine = key @ row.mT
        by_score = weight * (grad - (grad * weight).sum(-1, keepdim=True))
        by_cosine = strength[..., None] * by_score
        # A unit vector moves only at right angles to itself: what each side pulls, less its part along the vector.
        pull = by_cosine * cosine
        grad_key = (by_cosine @ row - pull.sum(-1)[..., None] * key) / key_length
        grad_memory = (by_cosine.mT @ key - pull.sum(-2)[..., None] * row) / row_length
        return grad_key, (by_score * cosine).sum(-1), grad_memory


def _unit(x: Tensor) -> tuple[Tensor, Tensor]:
    length = (x.square().sum(-1, keepdim=True) + EPSILON**2).sqrt()
    return x / length, length


def content_addressing_native(
    key: Float[Tensor, "B H M"], strength: Float[Tensor, "B H"], memory: Float[Tensor, "B N M"]
) -> Float[Tensor, "B H N"]:
    """The native twin."""
    lengths = ((x.square().sum(-1) + EPSILON**2).sqrt() for x in (key, memory))
    cosine = torch.einsum("...hm,...nm->...hn", key, memory) / torch.einsum("...h,...n->...hn", *lengths)
    return (strength[..., None] * cosine).softmax(-1)


@register_function(
    formula="NTM",
    native=content_addressing_native,
    example=lambda draw: (draw(2, 2, 3), draw.positive(2, 2), draw(2, 5, 3)),
    extremes={
        "batch of one, one head, one row": lambda draw: (draw(1, 1, 3), draw.positive(1, 1), draw(1, 1, 3)),
        "empty batch": lambda draw: (draw(0, 2, 3), draw.positive(0, 2), draw(0, 5, 3)),
        "zero strength": lambda draw: (draw(2, 2, 3), torch.zeros_like(draw(2, 2), requires_grad=True), draw(2, 5, 3)),
        "saturated strength": lambda draw: (draw(2, 2, 3), (1e4 * draw.positive(2, 2)).detach().requires_grad_(), draw(2, 5, 3)),
        "zero key": lambda draw: (torch.zeros_like(draw(2, 2, 3), requires_grad=True), draw.positive(2, 2), draw(2, 5, 3)),
        "blank memory": lambda draw: (draw(2, 2, 3), draw.positive(2, 2), torch.zeros_like(draw(2, 5, 3), requires_grad=True)),
    },
)
def content_addressing(
    key: Float[Tensor, "B H M"], strength: Float[Tensor, "B H"], memory: Float[Tensor, "B N M"]
) -> Float[Tensor, "B H N"]:
    r"""Weigh the rows by :math:`w = \mathrm{softmax}_i(\beta \cos(k, M_i))`.

    Lengths are :math:`\sqrt{|x|^2 + \epsilon^2}` with ``EPSILON = 1e-3``: unit vectors lose a millionth of their cosine, and a
    blank memory, with which the machine starts, is no division by zero.

    Args:
        key: What each head looks for.
        strength: Sharpness beta, not negative; 0 gives uniform weights.
        memory: The memory, seen by all heads.

    Returns:
        For each head a distribution over the rows.

    References:
        Graves et al., "Neural Turing Machines", 2014, equations 5 and 6. Slides D0:1358-1377. Gradient: MATHS.md "NTM".
    """
    return (content_addressing_native if is_native() else _ContentAddressing.apply)(key, strength, memory)
