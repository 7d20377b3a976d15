"""Reading and writing the memory of a neural Turing machine.

Sizes in shapes: B batch, H heads, N rows of the memory, M numbers a row.
"""

from functools import reduce
from itertools import accumulate
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _MemoryRead(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(memory: Tensor, weight: Tensor) -> Tensor:
        return weight @ memory

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        memory, weight = ctx.saved_tensors
        return weight.mT @ grad, grad @ memory.mT


def memory_read_native(memory: Float[Tensor, "B N M"], weight: Float[Tensor, "B H N"]) -> Float[Tensor, "B H M"]:
    """The native twin."""
    return torch.einsum("...hn,...nm->...hm", weight, memory)


@register_function(
    formula="NTM",
    native=memory_read_native,
    example=lambda draw: (draw(2, 5, 3), draw.distribution(2, 2, 5)),
    extremes={
        "empty batch": lambda draw: (draw(0, 5, 3), draw.distribution(0, 2, 5)),
        "memory of one row": lambda draw: (draw(2, 1, 3), draw.distribution(2, 2, 1)),
        "one-hot weights": lambda draw: (draw(1, 5, 3), torch.eye(5).to(draw(1))[None].requires_grad_()),
    },
)
def memory_read(memory: Float[Tensor, "B N M"], weight: Float[Tensor, "B H N"]) -> Float[Tensor, "B H M"]:
    r"""Read the weighted mean of the rows, :math:`r = w^T M`, for each head.

    Args:
        memory: The memory.
        weight: For each head a distribution over the rows.

    References:
        Graves et al., "Neural Turing Machines", 2014, equation 2. Gradient: MATHS.md "NTM".
    """
    return (memory_read_native if is_native() else _MemoryRead.apply)(memory, weight)


class _MemoryWrite(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(memory: Tensor, weight: Tensor, erase: Tensor, add: Tensor) -> Tensor:
        return memory * reduce(torch.mul, _kept(weight, erase)) + weight.mT @ add

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        memory, weight, erase, add = ctx.saved_tensors
        kept = _kept(weight, erase)
        # Each head's factor has those of the others beside it: products from both ends, for a division would meet zeros.
        before = accumulate(kept[:-1], torch.mul, initial=grad * memory)
        after = [*accumulate(kept[:0:-1], torch.mul, initial=memory.new_ones(()))][::-1]
        by_kept = torch.stack([one * other for one, other in zip(before, after, strict=True)], -3)  # B H N M
        grad_weight = add @ grad.mT - (by_kept @ erase[..., None]).squeeze(-1)
        grad_erase = -(weight[..., None, :] @ by_kept).squeeze(-2)
        return grad * reduce(torch.mul, kept), grad_weight, grad_erase, weight @ grad


def _kept(weight: Tensor, erase: Tensor) -> tuple[Tensor, ...]:
    """For each head the share of every cell that it leaves, ``1 - w e^T``, of the memory's shape."""
    return (1 - weight[..., None] * erase[..., None, :]).unbind(-3)


def memory_write_native(
    memory: Float[Tensor, "B N M"], weight: Float[Tensor, "B H N"], erase: Float[Tensor, "B H M"], add: Float[Tensor, "B H M"]
) -> Float[Tensor, "B N M"]:
    """The native twin: the heads erase one after another, then all add."""
    for head in range(weight.shape[-2]):
        memory = memory * (1 - weight[..., head, :, None] * erase[..., head, None, :])
    return memory + torch.einsum("...hn,...hm->...nm", weight, add)


@register_function(
    formula="NTM",
    native=memory_write_native,
    example=lambda draw: (draw(2, 5, 3), draw.distribution(2, 3, 5), draw.probability(2, 3, 3), draw(2, 3, 3)),
    extremes={
        "one head": lambda draw: (draw(2, 5, 3), draw.distribution(2, 1, 5), draw.probability(2, 1, 3), draw(2, 1, 3)),
        "empty batch": lambda draw: (draw(0, 5, 3), draw.distribution(0, 2, 5), draw.probability(0, 2, 3), draw(0, 2, 3)),
        "two heads wipe one row": lambda draw: (
            draw(1, 1, 3),
            torch.ones_like(draw(1, 2, 1), requires_grad=True),
            torch.ones_like(draw(1, 2, 3), requires_grad=True),
            draw(1, 2, 3),
        ),
    },
)
def memory_write(
    memory: Float[Tensor, "B N M"], weight: Float[Tensor, "B H N"], erase: Float[Tensor, "B H M"], add: Float[Tensor, "B H M"]
) -> Float[Tensor, "B N M"]:
    r"""Erase, then add: :math:`M = M_{-1} \circ \prod_h (1 - w_h e_h^T) + \sum_h w_h a_h^T`.

    All heads erase before any adds, so their order does not matter.

    Args:
        memory: The memory before.
        weight: For each head a distribution over the rows; at least one head.
        erase: What each head wipes, in [0, 1].
        add: What each head adds.

    Returns:
        The memory after.

    References:
        Graves et al. 2014, equations 3 and 4. Gradient: MATHS.md "NTM", with one factor a head.
    """
    return (memory_write_native if is_native() else _MemoryWrite.apply)(memory, weight, erase, add)
