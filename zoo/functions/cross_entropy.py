"""Cross-entropy of one class among several, and of independent yes-or-no units; both take logits.

Sizes in shapes: B batch, C classes, N units of an example, in any number of axes.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function
from zoo.functions.targets import check_label, check_target, in_single_precision


class _CrossEntropy(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(score: Tensor, label: Tensor) -> Tensor:
        return -score.log_softmax(-1).gather(-1, label[:, None]).mean()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        score, label = ctx.saved_tensors
        minus_one = score.new_full((len(score), 1), -1.0)
        return score.softmax(-1).scatter_add(-1, label[:, None], minus_one) * (grad / len(score)), None


class _BinaryCrossEntropy(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(score: Tensor, target: Tensor) -> Tensor:
        # -t log s(z) - (1 - t) log(1 - s(z)) = (1 - t) z - log s(z), which cannot overflow.
        return ((1 - target) * score - F.logsigmoid(score)).sum() / len(score)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor | None]:
        score, target = ctx.saved_tensors
        share = grad / len(score)
        return (torch.sigmoid(score) - target) * share, -score * share if ctx.needs_input_grad[1] else None


def cross_entropy_native(score: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, ""]:
    """The native twin."""
    check_label(score, label)
    return F.cross_entropy(score, label)


@register_function(
    formula="(5)",
    native=cross_entropy_native,
    example=lambda draw: (draw(4, 3), draw.index(4, below=3)),
    extremes={
        "saturated": lambda draw: (draw.saturated(6, 3), draw.index(6, below=3)),
        "one class": lambda draw: (draw(4, 1), draw.index(4, below=1)),
        "batch of one": lambda draw: (draw(1, 3), draw.index(1, below=3)),
        "empty batch": lambda draw: (draw(0, 3), draw.index(0, below=3)),
    },
)
def cross_entropy(score: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, ""]:
    r"""Softmax cross-entropy: :math:`-\frac{1}{B} \sum \log p_{\mathrm{label}}` with :math:`p = \mathrm{softmax}(z)`.

    Args:
        score: Logits.
        label: The right class of each example, in [0, C).

    Returns:
        The mean over the batch, in nats; not a number for an empty batch, as PyTorch's.

    Raises:
        ZooError: There is not one label for each row of scores.

    References:
        Bishop, "Pattern Recognition and Machine Learning", 2006, section 4.3.4. Gradient: MATHS.md (5).
    """
    if is_native():
        return cross_entropy_native(score, label)
    check_label(score, label)
    return in_single_precision(_CrossEntropy.apply)(score, label)


def binary_cross_entropy_native(score: Float[Tensor, "B *N"], target: Float[Tensor, "B *N"]) -> Float[Tensor, ""]:
    """The native twin."""
    check_target(score, target)
    return F.binary_cross_entropy_with_logits(score, target, reduction="sum") / len(score)


@register_function(
    formula="(5)",
    native=binary_cross_entropy_native,
    example=lambda draw: (draw(4, 3), draw.probability(4, 3)),
    extremes={
        "saturated": lambda draw: (draw.saturated(4, 3), draw.binary(4, 3)),
        "one unit, batch of one": lambda draw: (draw(1, 1), draw.binary(1, 1)),
        "empty batch": lambda draw: (draw(0, 3), draw.binary(0, 3)),
    },
)
def binary_cross_entropy(score: Float[Tensor, "B *N"], target: Float[Tensor, "B *N"]) -> Float[Tensor, ""]:
    r"""Cross-entropy of independent sigmoid units: :math:`-\frac{1}{B} \sum t \log o + (1 - t) \log(1 - o)`.

    Args:
        score: Logits ``z``, of which the outputs are ``o = sigmoid(z)``.
        target: Probability that each unit should give, in [0, 1].

    Returns:
        The sum over an example's units, averaged over the batch, in nats.

    Raises:
        ZooError: Scores and targets differ in shape.

    References:
        Bishop, "Pattern Recognition and Machine Learning", 2006, section 4.3.2. Gradient: MATHS.md (5).
    """
    if is_native():
        return binary_cross_entropy_native(score, target)
    check_target(score, target)
    return in_single_precision(_BinaryCrossEntropy.apply)(score, target)
