"""Embedding: a learnt vector for each word of a vocabulary.

Sizes in shapes: V words of the vocabulary, D features.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _Embedding(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(index: Tensor, weight: Tensor) -> Tensor:
        return F.embedding(index, weight)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        index, weight = inputs
        ctx.shape = weight.shape
        ctx.save_for_backward(index)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[None, Tensor]:
        (index,) = ctx.saved_tensors
        # A word that occurs several times collects the gradient of each occurrence.
        rows = grad.reshape(index.numel(), ctx.shape[-1])
        return None, grad.new_zeros(ctx.shape).index_add(0, index.flatten(), rows)


def embedding_native(index: Int[Tensor, "*shape"], weight: Float[Tensor, "V D"]) -> Float[Tensor, "*shape D"]:
    """The native twin."""
    return F.embedding(index, weight)


@register_function(
    formula="(28)",
    native=embedding_native,
    example=lambda draw: (draw.index(4, 5, below=3), draw(7, 2)),
    extremes={
        "one word again and again": lambda draw: (draw.index(9, below=1), draw(7, 2)),
        "no words": lambda draw: (draw.index(0, 5, below=7), draw(7, 2)),
        "a single index": lambda draw: (draw.index(below=7), draw(7, 2)),
        "vocabulary of one word, one feature": lambda draw: (draw.index(3, below=1), draw(1, 1)),
    },
)
def embedding(index: Int[Tensor, "*shape"], weight: Float[Tensor, "V D"]) -> Float[Tensor, "*shape D"]:
    """Look up each word's vector.

    Args:
        index: Numbers of words, in [0, V); a word may occur any number of times.
        weight: The vectors, one a row.

    Returns:
        The rows of ``weight`` that ``index`` names.

    Raises:
        IndexError: A number is outside the vocabulary (on a GPU: a device-side assertion).

    References:
        Slide D4:1345 (words as one-of-N vectors: the product of such a vector with the matrix is a row).
        Gradient: MATHS.md (28).
    """
    return embedding_native(index, weight) if is_native() else _Embedding.apply(index, weight)
