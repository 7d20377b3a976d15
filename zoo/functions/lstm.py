"""A whole sequence through a long short-term memory as one function.

Sizes in shapes: T steps, B batch, I input features, H hidden units, G = 4H: the four gates side by side, in torch's order i, f, g, o.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.lstm_cell import in_full_precision, lstm_cell_native
from zoo.functions.lstm_through_time import LSTMThroughTime
from zoo.functions.native import is_native
from zoo.functions.registry import register_function


def lstm_native(
    x: Float[Tensor, "T B I"],
    h: Float[Tensor, "B H"],
    c: Float[Tensor, "B H"],
    weight_ih: Float[Tensor, "G I"],
    weight_hh: Float[Tensor, "G H"],
    bias: Float[Tensor, " G"],
) -> tuple[Float[Tensor, "T B H"], Float[Tensor, "B H"], Float[Tensor, "B H"]]:
    """The native twin: the kernels of ``nn.LSTM``, whose second bias is zero here."""
    if torch.compiler.is_exporting():  # exporters cannot write these kernels down for any but fixed shapes; a cell they can
        outputs = []
        for step in x:
            h, c = lstm_cell_native(step, h, c, weight_ih, weight_hh, bias)
            outputs.append(h)
        return torch.stack(outputs), h, c
    parameters = [weight_ih, weight_hh, bias, torch.zeros_like(bias)]
    output, h, c = torch.lstm(
        x, (h[None], c[None]), parameters, has_biases=True, num_layers=1, dropout=0.0, train=False, bidirectional=False, batch_first=False
    )
    return output, h[0], c[0]


def _example(steps: int, batch: int, *, scale: float = 1.0) -> Callable[[Any], tuple[Tensor, ...]]:
    return lambda draw: (
        *(draw(steps, batch, 5), draw(batch, 3), draw(batch, 3)),
        *(draw(12, 5), draw(12, 3), (scale * draw(12).detach()).requires_grad_()),
    )


@register_function(
    formula="LSTM",
    native=lstm_native,
    example=_example(4, 3),
    extremes={
        "batch of one": _example(4, 1),
        "empty batch": _example(4, 0),
        "one step": _example(1, 3),
        "one step of one": _example(1, 1),
        "saturated gates": _example(4, 3, scale=1e3),
    },
    workload=lambda draw: (draw(50, 50, 512), draw(50, 512), draw(50, 512), draw(2048, 512), draw(2048, 512), draw(2048)),
)
def lstm(
    x: Float[Tensor, "T B I"],
    h: Float[Tensor, "B H"],
    c: Float[Tensor, "B H"],
    weight_ih: Float[Tensor, "G I"],
    weight_hh: Float[Tensor, "G H"],
    bias: Float[Tensor, " G"],
) -> tuple[Float[Tensor, "T B H"], Float[Tensor, "B H"], Float[Tensor, "B H"]]:
    r"""A sequence: :func:`~zoo.functions.lstm_cell.lstm_cell` at every step, from the states ``h`` and ``c``.

    The inputs of all steps are projected by one matrix product before the loop, and the gradients of the weights and of the input
    are one product each after the loop back, which itself multiplies by ``weight_hh`` alone. Half precision is computed in single
    precision and rounded at the end.

    Args:
        x: Inputs, time first.
        h: First hidden state, in (-1, 1).
        c: First cell state.
        weight_ih: Input weights of the gates i, f, g, o.
        weight_hh: Recurrent weights, in the same order.
        bias: One bias a gate and unit; torch's two biases add up to it.

    Returns:
        The hidden state of every step, the last hidden state and the last cell state.

    Raises:
        ZooError: There is no step.

    References:
        Slides D0:1287-1315. Hochreiter and Schmidhuber, Neural Computation 1997; Greff et al., "LSTM: A Search Space Odyssey", IEEE
        TNNLS 2017, sections II.A and II.B. Gradient: MATHS.md "LSTM", summed over the steps.
    """
    if not len(x):
        raise ZooError(f"a sequence of shape {tuple(x.shape)}: at least one step is needed")
    if is_native():
        return lstm_native(x, h, c, weight_ih, weight_hh, bias)
    output, h, c, *_ = in_full_precision(LSTMThroughTime.apply)(x, h, c, weight_ih, weight_hh, bias)
    return output, h, c


class LSTMTrace(NamedTuple):
    """What went on inside at every step, for pictures."""

    output: Float[Tensor, "T B H"]
    cell: Float[Tensor, "T B H"]
    input_gate: Float[Tensor, "T B H"]
    """In [0, 1], as the other gates."""
    forget_gate: Float[Tensor, "T B H"]
    candidate: Float[Tensor, "T B H"]
    """In [-1, 1]."""
    output_gate: Float[Tensor, "T B H"]


@torch.no_grad()
def trace_lstm(
    x: Float[Tensor, "T B I"],
    h: Float[Tensor, "B H"],
    c: Float[Tensor, "B H"],
    weight_ih: Float[Tensor, "G I"],
    weight_hh: Float[Tensor, "G H"],
    bias: Float[Tensor, " G"],
) -> LSTMTrace:
    """Run :func:`lstm` and keep every gate and cell state; nothing can be differentiated through them."""
    output, _, _, gates, cell, _ = in_full_precision(LSTMThroughTime.apply)(x, h, c, weight_ih, weight_hh, bias)
    return LSTMTrace(output, cell, *gates.chunk(4, -1))
