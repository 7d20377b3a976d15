"""One step of a long short-term memory, and what the step and the whole sequence share.

Sizes in shapes: B batch, I input features, H hidden units, G = 4H: the four gates side by side, in torch's order i, f, g, o.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.functions.native import is_native
from zoo.functions.registry import register_function


class _LSTMCell(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, h: Tensor, c: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return cell_step(x, h, c, weight_ih, weight_hh, bias)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Tensor, ...]) -> None:
        x, h, c, weight_ih, weight_hh, _ = inputs
        _, c_next, z = output
        ctx.save_for_backward(x, h, c, weight_ih, weight_hh, c_next, z)

    @staticmethod
    def backward(ctx: Any, grad_h: Tensor, grad_c: Tensor, grad_z: Tensor) -> tuple[Tensor, ...]:
        return cell_gradients(ctx.saved_tensors, grad_h, grad_c, grad_z)


def cell_step(
    x: Tensor, h: Tensor, c: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias: Tensor
) -> tuple[Float[Tensor, "B H"], Float[Tensor, "B H"], Float[Tensor, "B G"]]:
    """Hidden state, cell state, and the pre-activations of the gates."""
    z = F.linear(x, weight_ih, bias) + h @ weight_hh.T
    i, f, g, o = _gates(z)
    c_next = f * c + i * g
    # The pre-activations leave as a third output, so that a second derivative finds its way through them.
    return o * c_next.tanh(), c_next, z


def cell_gradients(
    kept: tuple[Tensor, ...], grad_h: Float[Tensor, "B H"], grad_c: Float[Tensor, "B H"], grad_z: Float[Tensor, "B G"]
) -> tuple[Tensor, ...]:
    """Gradients of the arguments of ``cell_step``, from those of its results; ``kept`` is what the cell saves."""
    x, h, c, weight_ih, weight_hh, c_next, z = kept
    i, f, g, o = _gates(z)
    squashed = c_next.tanh()
    delta_c = grad_c + grad_h * o * (1 - squashed.square())
    delta_i = delta_c * g * i * (1 - i)
    delta_f = delta_c * c * f * (1 - f)
    delta_g = delta_c * i * (1 - g.square())
    delta_o = grad_h * squashed * o * (1 - o)
    delta = torch.cat([delta_i, delta_f, delta_g, delta_o], -1) + grad_z
    return delta @ weight_ih, delta @ weight_hh, delta_c * f, delta.T @ x, delta.T @ h, delta.sum(0)


def _gates(z: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    i, f, g, o = z.chunk(4, -1)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


Recurrence = Callable[..., tuple[Tensor, ...]]


def in_full_precision(function: Recurrence) -> Recurrence:
    """Compute in single precision what comes in half, and ignore autocast; results take the dtype of the first argument.

    A recurrence feeds its rounding errors back to itself, and its steps in place cannot mix dtypes.
    """

    @wraps(function)
    def run(x: Tensor, *others: Tensor | None) -> tuple[Tensor, ...]:
        with torch.autocast(x.device.type, enabled=False):
            full = [each.float() if each is not None and each.dtype in (torch.half, torch.bfloat16) else each for each in (x, *others)]
            return tuple(each.to(x.dtype) for each in function(*full))

    return run


def lstm_cell_native(
    x: Float[Tensor, "B I"],
    h: Float[Tensor, "B H"],
    c: Float[Tensor, "B H"],
    weight_ih: Float[Tensor, "G I"],
    weight_hh: Float[Tensor, "G H"],
    bias: Float[Tensor, " G"],
) -> tuple[Float[Tensor, "B H"], Float[Tensor, "B H"]]:
    """The native twin: torch's cell, whose second bias is zero here."""
    return torch.lstm_cell(x, (h, c), weight_ih, weight_hh, bias, torch.zeros_like(bias))


def _example(batch: int) -> Callable[[Any], tuple[Tensor, ...]]:
    return lambda draw: (draw(batch, 5), draw(batch, 3), draw(batch, 3), draw(12, 5), draw(12, 3), draw(12))


@register_function(
    formula="LSTM",
    native=lstm_cell_native,
    example=_example(4),
    extremes={
        "batch of one": _example(1),
        "empty batch": _example(0),
        "saturated gates": lambda draw: (
            draw(4, 5),
            draw(4, 3),
            draw(4, 3),
            draw(12, 5),
            draw(12, 3),
            (1e3 * draw.constant(12)).requires_grad_(),
        ),
    },
    workload=lambda draw: (draw(50, 512), draw(50, 512), draw(50, 512), draw(2048, 512), draw(2048, 512), draw(2048)),
)
def lstm_cell(
    x: Float[Tensor, "B I"],
    h: Float[Tensor, "B H"],
    c: Float[Tensor, "B H"],
    weight_ih: Float[Tensor, "G I"],
    weight_hh: Float[Tensor, "G H"],
    bias: Float[Tensor, " G"],
) -> tuple[Float[Tensor, "B H"], Float[Tensor, "B H"]]:
    r"""One step: :math:`c' = f \odot c + i \odot g` and :math:`h' = o \odot \tanh c'`.

    The gates ``i, f, o`` are sigmoids and the candidate ``g`` (the slides' :math:`\tilde C`) is a tanh of
    :math:`x W_{ih}^T + h W_{hh}^T + b`.

    Args:
        x: Input of this step.
        h: Hidden state of the step before, in (-1, 1).
        c: Cell state of the step before.
        weight_ih: Input weights of the gates i, f, g, o.
        weight_hh: Recurrent weights, in the same order.
        bias: One bias a gate and unit; torch's two biases add up to it.

    Returns:
        The new hidden state and the new cell state.

    References:
        Slides D0:1287-1315. Hochreiter and Schmidhuber, Neural Computation 1997; the forget gate is that of Gers et al.,
        Neural Computation 2000. Gradient: MATHS.md "LSTM".
    """
    if is_native():
        return lstm_cell_native(x, h, c, weight_ih, weight_hh, bias)
    h_next, c_next, _ = in_full_precision(_LSTMCell.apply)(x, h, c, weight_ih, weight_hh, bias)
    return h_next, c_next
