"""Dropout, in both conventions; chance is drawn apart, so that the functions themselves are deterministic.

The inverted convention, PyTorch's, scales in training; Srivastava's original one scales at test time. The number
that goes with them is the share *dropped* in PyTorch and in DeepLearnToolbox, and the probability of being
*retained* in the paper and on slide D4:1327 (erratum E53): a 0.2 of the one is a 0.8 of the other.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.errors import ZooError, check_range
from zoo.functions.native import is_native
from zoo.functions.registry import register_function


def draw_mask(x: Float[Tensor, "*shape"], *, drop: float, generator: torch.Generator | None = None) -> Float[Tensor, "*shape"]:
    """Draw which units stay: ones, and zeros with probability ``drop``.

    Args:
        x: Gives shape, dtype, device and memory layout.
        drop: Share of units dropped, in [0, 1).
        generator: Source of chance; None for PyTorch's own. On the CPU a mask is then the one that
            ``nn.Dropout`` would draw.

    Raises:
        ZooError: ``drop`` is out of range.
    """
    check_range("drop", drop, least=0, below=1)
    return torch.empty_like(x, requires_grad=False).bernoulli_(1 - drop, generator=generator)


class _Dropout(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, mask: Tensor) -> Tensor:
        return x * mask

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        _, mask = inputs
        ctx.save_for_backward(mask)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (mask,) = ctx.saved_tensors
        return grad * mask, None


def dropout_native(x: Float[Tensor, "*shape"], mask: Float[Tensor, "*shape"], drop: float) -> Float[Tensor, "*shape"]:
    """The native twin."""
    check_range("drop", drop, least=0, below=1)
    return x * mask / (1 - drop)


@register_function(
    formula="(23)",
    native=dropout_native,
    example=lambda draw: (draw(5, 7), draw.binary(5, 7, share=0.8), 0.2),
    extremes={
        "nothing dropped": lambda draw: (draw(5, 7), draw.binary(5, 7, share=1.0), 0.0),
        "everything dropped": lambda draw: (draw(5, 7), draw.binary(5, 7, share=0.0), 0.5),
        "batch of one": lambda draw: (draw(1, 1), draw.binary(1, 1), 0.5),
        "empty batch": lambda draw: (draw(0, 3), draw.binary(0, 3), 0.5),
    },
)
def dropout(x: Float[Tensor, "*shape"], mask: Float[Tensor, "*shape"], drop: float) -> Float[Tensor, "*shape"]:
    r"""Inverted dropout, in training: :math:`x \odot m / (1 - p)`; at test time a unit passes unchanged.

    Args:
        x: Activations.
        mask: Ones for the units that stay, from ``draw_mask``.
        drop: Share ``p`` of units dropped, in [0, 1).

    Returns:
        Activations with the same mean as ``x``.

    Raises:
        ZooError: ``drop`` is out of range.

    References:
        Srivastava et al., JMLR 15, 2014, section 10. Gradient: MATHS.md (23).
    """
    if is_native():
        return dropout_native(x, mask, drop)
    check_range("drop", drop, least=0, below=1)
    return _Dropout.apply(x, mask / (1 - drop))


def _check_retain(retain: float) -> None:
    if not 0 < retain <= 1:
        raise ZooError(f"retain {retain}: the probability that a unit stays must be above 0 and at most 1")


def original_dropout_native(x: Float[Tensor, "*shape"], mask: Float[Tensor, "*shape"] | None, retain: float) -> Float[Tensor, "*shape"]:
    """The native twin."""
    _check_retain(retain)
    return x * retain if mask is None else x * mask


@register_function(
    formula="(23)",
    native=original_dropout_native,
    example=lambda draw: (draw(5, 7), draw.binary(5, 7, share=0.8), 0.8),
    extremes={
        "test time": lambda draw: (draw(5, 7), None, 0.8),
        "empty batch": lambda draw: (draw(0, 3), draw.binary(0, 3), 0.5),
    },
)
def original_dropout(x: Float[Tensor, "*shape"], mask: Float[Tensor, "*shape"] | None, retain: float) -> Float[Tensor, "*shape"]:
    r"""Srivastava's dropout: :math:`x \odot m` in training, ``retain * x`` at test time.

    Scaling a unit's output is the paper's scaling of its outgoing weights. The mean over all masks is
    met exactly where what follows is linear, and approximately elsewhere.

    Args:
        x: Activations.
        mask: Ones for the units that stay, from ``draw_mask`` with ``drop = 1 - retain``; None at test time.
        retain: Probability ``p`` that a unit stays, in (0, 1].

    Raises:
        ZooError: ``retain`` is out of range.

    References:
        Slides D4:1325-1327 (erratum E53); Srivastava et al., JMLR 15, 2014, section 4. Gradient: MATHS.md (23).
    """
    if is_native():
        return original_dropout_native(x, mask, retain)
    _check_retain(retain)
    return _Dropout.apply(x, x.new_full((), retain) if mask is None else mask)
