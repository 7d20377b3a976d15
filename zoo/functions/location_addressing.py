"""Location addressing of the neural Turing machine: interpolate, shift, sharpen.

Sizes in shapes: *heads any leading axes (batch and heads), N rows of the memory, S shifts.
References: Graves et al., "Neural Turing Machines", 2014, section 3.3.2.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _Interpolate(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(content: Tensor, previous: Tensor, gate: Tensor) -> Tensor:
        return torch.lerp(previous, content, gate[..., None])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        content, previous, gate = ctx.saved_tensors
        grad_content = gate[..., None] * grad
        return grad_content, grad - grad_content, (grad * (content - previous)).sum(-1)


def interpolate_native(
    content: Float[Tensor, "*heads N"], previous: Float[Tensor, "*heads N"], gate: Float[Tensor, "*heads"]
) -> Float[Tensor, "*heads N"]:
    """The native twin."""
    return gate[..., None] * content + (1 - gate[..., None]) * previous


@register_function(
    formula="NTM",
    native=interpolate_native,
    example=lambda draw: (draw.distribution(2, 3, 5), draw.distribution(2, 3, 5), draw.probability(2, 3)),
    extremes={
        "empty batch": lambda draw: (draw.distribution(0, 3, 5), draw.distribution(0, 3, 5), draw.probability(0, 3)),
        "closed gate": lambda draw: (draw.distribution(2, 5), draw.distribution(2, 5), torch.zeros_like(draw(2), requires_grad=True)),
        "open gate": lambda draw: (draw.distribution(2, 5), draw.distribution(2, 5), torch.ones_like(draw(2), requires_grad=True)),
    },
)
def interpolate(
    content: Float[Tensor, "*heads N"], previous: Float[Tensor, "*heads N"], gate: Float[Tensor, "*heads"]
) -> Float[Tensor, "*heads N"]:
    r"""Mix content weights with the last step's: :math:`w = g w^c + (1 - g) w_{-1}`.

    Args:
        content: Weights by content.
        previous: Weights of the step before.
        gate: Share of the content weights, in [0, 1].

    References:
        Graves et al. 2014, equation 7. Gradient: MATHS.md "NTM".
    """
    return (interpolate_native if is_native() else _Interpolate.apply)(content, previous, gate)


class _CircularShift(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(weight: Tensor, shift: Tensor) -> Tensor:
        return (_windows(weight, shift.shape[-1]) @ shift.flip(-1)[..., None]).squeeze(-1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        weight, shift = ctx.saved_tensors
        size = shift.shape[-1]
        # What was moved by an offset comes back by its opposite: convolution forwards, correlation backwards.
        grad_weight = (_windows(grad, size) @ shift[..., None]).squeeze(-1)
        return grad_weight, (grad[..., None, :] @ _windows(weight, size)).squeeze(-2).flip(-1)


def _windows(x: Tensor, size: int) -> Tensor:
    """The values round each row, cyclically, from offset -k to k: shape (..., N, S)."""
    rows, reach = x.shape[-1], size // 2
    around = torch.arange(-reach, rows + reach, device=x.device) % rows
    return x[..., around].unfold(-1, size, 1)


def circular_shift_native(weight: Float[Tensor, "*heads N"], shift: Float[Tensor, "*heads S"]) -> Float[Tensor, "*heads N"]:
    """The native twin: one roll an offset."""
    reach = shift.shape[-1] // 2
    moved = [torch.roll(weight, offset, -1) for offset in range(-reach, reach + 1)]
    return (torch.stack(moved, -1) * shift[..., None, :]).sum(-1)


@register_function(
    formula="NTM",
    native=circular_shift_native,
    example=lambda draw: (draw.distribution(2, 3, 5), draw.distribution(2, 3, 3)),
    extremes={
        "empty batch": lambda draw: (draw.distribution(0, 5), draw.distribution(0, 3)),
        "one-hot weights": lambda draw: (torch.eye(5).to(draw(1)).requires_grad_(), draw.distribution(5, 3)),
        "no shift allowed": lambda draw: (draw.distribution(2, 5), draw.distribution(2, 1)),
        "shift wider than the memory": lambda draw: (draw.distribution(2, 3), draw.distribution(2, 7)),
        "memory of one row": lambda draw: (draw.distribution(2, 1), draw.distribution(2, 3)),
    },
)
def circular_shift(weight: Float[Tensor, "*heads N"], shift: Float[Tensor, "*heads S"]) -> Float[Tensor, "*heads N"]:
    r"""Move the weights round the memory: the circular convolution :math:`\tilde w_i = \sum_j w_j s_{i-j}`.

    A convolution, not the correlation of common implementations: weight on the offset +1 moves the head to the next row.

    Args:
        weight: Weights of the rows.
        shift: Weights of the offsets ``-k ... k``, in this order; ``S = 2k + 1`` may exceed the memory.

    Raises:
        ZooError: ``S`` is even: no offset would be in the middle.

    References:
        Graves et al. 2014, equation 8. Gradient: MATHS.md "NTM".
    """
    if shift.shape[-1] % 2 == 0:
        raise ZooError(f"{shift.shape[-1]} shift weights: must be an odd number, for the offsets -k ... k")
    return (circular_shift_native if is_native() else _CircularShift.apply)(weight, shift)


class _Sharpen(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(weight: Tensor, exponent: Tensor) -> Tensor:
        return sharpen_native(weight, exponent)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        weight, exponent, sharp = ctx.saved_tensors
        centred = grad - (grad * sharp).sum(-1, keepdim=True)
        exponent, largest = exponent[..., None], _largest(weight)
        relative = weight / largest
        total = relative.pow(exponent).sum(-1, keepdim=True)
        grad_weight = exponent * relative.pow(exponent - 1) * centred / (largest * total)
        # Zero to a growing power stays zero, so a row of no weight has no say in the exponent.
        log = relative.where(relative > 0, 1).log()
        return grad_weight, (sharp * log * centred).sum(-1)


def _largest(weight: Tensor) -> Tensor:
    """What weights are divided by, so that no power underflows at all rows; it cancels, so nothing is differentiated by it."""
    return weight.amax(-1, keepdim=True).detach()


def sharpen_native(weight: Float[Tensor, "*heads N"], exponent: Float[Tensor, "*heads"]) -> Float[Tensor, "*heads N"]:
    """The native twin."""
    power = (weight / _largest(weight)).pow(exponent[..., None])
    return power / power.sum(-1, keepdim=True)


@register_function(
    formula="NTM",
    native=sharpen_native,
    example=lambda draw: (draw.distribution(2, 3, 5), (draw.positive(2, 3) + 1).detach().requires_grad_()),
    extremes={
        "empty batch": lambda draw: (draw.distribution(0, 5), draw.positive(0)),
        "memory of one row": lambda draw: (draw.distribution(2, 1), draw.positive(2)),
        "exponent one": lambda draw: (draw.distribution(2, 5), torch.ones_like(draw(2), requires_grad=True)),
        "exponent 1000": lambda draw: (draw.distribution(2, 5), torch.full_like(draw(2), 1e3, requires_grad=True)),
        "uniform weights": lambda draw: (torch.full_like(draw(2, 5), 0.2, requires_grad=True), 1 + draw.positive(2)),
        "one-hot weights": lambda draw: (torch.eye(5).to(draw(1)).requires_grad_(), torch.linspace(1, 9, 5).to(draw(1)).requires_grad_()),
    },
)
def sharpen(weight: Float[Tensor, "*heads N"], exponent: Float[Tensor, "*heads"]) -> Float[Tensor, "*heads N"]:
    r"""Undo the blur of shifting: :math:`w_i = \hat w_i^\gamma / \sum_j \hat w_j^\gamma`.

    Weights are divided by the largest before the power is taken, so that large exponents do not underflow.

    Args:
        weight: Weights of the rows, not negative and not all zero (else not a number).
        exponent: The power gamma, at least 1.

    References:
        Graves et al. 2014, equation 9. Gradient: MATHS.md "NTM".
    """
    return (sharpen_native if is_native() else _Sharpen.apply)(weight, exponent)
