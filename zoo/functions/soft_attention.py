"""Soft attention over a memory of vectors, the hop of an end-to-end memory network.

Sizes in shapes: B batch, N memories, D features of a memory, E features of what it stands for.
"""

from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _SoftAttention(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(query: Tensor, memory: Tensor, content: Tensor, blank: Tensor | None) -> tuple[Tensor, Tensor]:
        score = (memory @ query[..., None]).squeeze(-1)
        weight = (score if blank is None else score.masked_fill(blank, -torch.inf)).softmax(-1)
        return (weight[..., None, :] @ content).squeeze(-2), weight

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, Tensor | None], output: tuple[Tensor, Tensor]) -> None:
        query, memory, content, _ = inputs
        ctx.save_for_backward(query, memory, content, output[1])

    @staticmethod
    def backward(ctx: Any, grad: Tensor, grad_weight: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        query, memory, content, weight = ctx.saved_tensors
        pull = (content @ grad[..., None]).squeeze(-1) + grad_weight
        by_score = weight * (pull - (weight * pull).sum(-1, keepdim=True))  # 0 at blanks, as their weight is
        grad_query = (by_score[..., None, :] @ memory).squeeze(-2)
        return grad_query, by_score[..., None] * query[..., None, :], weight[..., None] * grad[..., None, :], None


def soft_attention_native(
    query: Float[Tensor, "B D"], memory: Float[Tensor, "B N D"], content: Float[Tensor, "B N E"], blank: Bool[Tensor, "B N"] | None = None
) -> tuple[Float[Tensor, "B E"], Float[Tensor, "B N"]]:
    """The native twin."""
    score = torch.einsum("...nd,...d->...n", memory, query)
    weight = (score if blank is None else score.masked_fill(blank, -torch.inf)).softmax(-1)
    return torch.einsum("...n,...ne->...e", weight, content), weight


@register_function(
    formula="(27)",
    native=soft_attention_native,
    example=lambda draw: (draw(2, 3), draw(2, 5, 3), draw(2, 5, 4)),
    extremes={
        "batch of one, one memory": lambda draw: (draw(1, 3), draw(1, 1, 3), draw(1, 1, 4)),
        "empty batch": lambda draw: (draw(0, 3), draw(0, 5, 3), draw(0, 5, 4)),
        "zero query": lambda draw: (torch.zeros_like(draw(2, 3), requires_grad=True), draw(2, 5, 3), draw(2, 5, 4)),
        "saturated": lambda draw: ((1e4 * draw(2, 3)).detach().requires_grad_(), draw(2, 5, 3), draw(2, 5, 4)),
        "blank memories": lambda draw: (draw(2, 3), draw(2, 5, 3), draw(2, 5, 4), torch.arange(5, device=draw(1).device).expand(2, 5) > 2),
    },
)
def soft_attention(
    query: Float[Tensor, "B D"], memory: Float[Tensor, "B N D"], content: Float[Tensor, "B N E"], blank: Bool[Tensor, "B N"] | None = None
) -> tuple[Float[Tensor, "B E"], Float[Tensor, "B N"]]:
    r"""Attend with :math:`p = \mathrm{softmax}(m_i \cdot u)` and answer :math:`o = \sum_i p_i c_i`.

    Args:
        query: The question's vector ``u``.
        memory: The vectors ``m`` that it is compared with.
        content: The vectors ``c`` that the answer is made of.
        blank: True where there is no memory but padding; not everywhere in a row (else not a number).

    Returns:
        The answer ``o`` and the attention ``p``.

    References:
        Sukhbaatar et al., "End-To-End Memory Networks", 2015, equations 1 and 2. Slide D4:1380. Gradient: MATHS.md (27).
    """
    return (soft_attention_native if is_native() else _SoftAttention.apply)(query, memory, content, blank)
