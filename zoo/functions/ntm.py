"""A whole sequence through a neural Turing machine as one function.

Sizes in shapes: T steps, B batch, I inputs, C units of the controller, G = 4C (LSTM: the gates i, f, g, o) or C (feed-forward),
H heads of which the first R read and the last W write, N rows of the memory, M numbers a row, S shifts, E numbers of an emission,
K = R M + C: what was read and the controller's output, side by side.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.content_addressing import content_addressing_native
from zoo.functions.location_addressing import circular_shift_native, interpolate_native, sharpen_native
from zoo.functions.lstm_cell import in_full_precision, lstm_cell_native
from zoo.functions.memory import memory_read_native, memory_write_native
from zoo.functions.native import is_native
from zoo.functions.ntm_emission import HeadSizes, cut
from zoo.functions.ntm_through_time import NTMThroughTime
from zoo.functions.registry import register_function


class NTMStart(NamedTuple):
    """The machine before the first step."""

    memory: Float[Tensor, "B N M"]
    weight: Float[Tensor, "B H N"]
    """For each head a distribution over the rows."""
    state: Float[Tensor, "B K"]
    """What was read and the controller's output, side by side."""
    cell: Float[Tensor, "B C"] | None
    """Cell state of an LSTM controller; None makes the controller feed-forward."""


class NTMParameters(NamedTuple):
    """What is learned."""

    into: Float[Tensor, "G I"]
    """From the input to the controller."""
    back: Float[Tensor, "G _"]
    """From the state of the step before to the controller: all K of it, or for a feed-forward one the R M that were read."""
    bias: Float[Tensor, " G"]
    emit: Float[Tensor, "E C"]
    """From the controller to the heads; the order of its rows is that of ``zoo.functions.ntm_emission.cut``."""
    emit_bias: Float[Tensor, " E"]


def ntm_native(x: Float[Tensor, "T B I"], sizes: HeadSizes, *tensors: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """The native twin: the twins of the single equations, one after another."""
    _check(x, sizes, tensors[0])
    states, weights, memories = in_full_precision(lambda *each: _steps(sizes, *each))(x, *tensors)
    return states, weights.detach(), memories.detach()


def _steps(
    sizes: HeadSizes, x: Tensor, memory: Tensor, weight: Tensor, state: Tensor, cell: Tensor | None, *learned: Tensor
) -> tuple[Tensor, ...]:
    into, back, bias, emit, emit_bias = learned
    found = sizes.reads * sizes.width
    trace = []
    for step in x:
        read, h = state[:, :found], state[:, found:]
        if cell is None:
            h = F.linear(torch.cat([step, read], 1), torch.cat([into, back], 1), bias).tanh()
        else:
            weight_ih = torch.cat([into, back[:, :found]], 1)
            h, cell = lstm_cell_native(torch.cat([step, read], 1), h, cell, weight_ih, back[:, found:], bias)
        told = cut(F.linear(h, emit, emit_bias), sizes)
        content = content_addressing_native(told.key, F.softplus(told.strength[..., 0]), memory)
        gated = interpolate_native(content, weight, told.gate[..., 0].sigmoid())
        moved = circular_shift_native(gated, told.shift.softmax(-1))
        weight = sharpen_native(moved, 1 + F.softplus(told.exponent[..., 0]))
        memory = memory_write_native(memory, weight[:, sizes.reads :], told.erase.sigmoid(), told.add)
        state = torch.cat([memory_read_native(memory, weight[:, : sizes.reads]).flatten(1), h], 1)
        trace.append((state, weight, memory))
    return tuple(torch.stack(each) for each in zip(*trace, strict=True))


def _check(x: Tensor, sizes: HeadSizes, memory: Tensor | None) -> None:
    if not len(x):
        raise ZooError(f"a sequence of shape {tuple(x.shape)}: at least one step is needed")
    assert memory is not None, "only the cell may be missing"
    sizes.check_rows(memory.shape[1])


def _example(
    sizes: HeadSizes, *, lstm: bool = True, batch: int = 2, steps: int = 3, loud: float = 1.0, blank: bool = False
) -> Callable[[Any], tuple[Any, ...]]:
    """Four controller units, five rows; ``loud`` multiplies what the heads are told."""
    found, units, rows = sizes.reads * sizes.width, 4, 5

    def draw_all(draw: Any) -> tuple[Any, ...]:
        gates, returned = (4 * units, found + units) if lstm else (units, found)
        memory = draw(batch, rows, sizes.width)
        return (
            *(draw(steps, batch, 3), sizes, torch.zeros_like(memory, requires_grad=True) if blank else memory),
            *(draw.distribution(batch, sizes.heads, rows), draw(batch, found + units), draw(batch, units) if lstm else None),
            *(draw(gates, 3), draw(gates, returned), draw(gates), draw(sizes.total, units)),
            (loud * draw.constant(sizes.total)).requires_grad_(),
        )

    return draw_all


_SIZES = HeadSizes(reads=1, writes=1, width=3, shifts=3)


@register_function(
    formula="NTM",
    native=ntm_native,
    example=_example(_SIZES),
    extremes={
        "feed-forward": _example(_SIZES, lstm=False),
        "two read heads and three write heads": _example(HeadSizes(reads=2, writes=3, width=2, shifts=3)),
        "no shift": _example(HeadSizes(reads=1, writes=1, width=3, shifts=1)),
        "shift over all rows": _example(HeadSizes(reads=1, writes=1, width=3, shifts=5)),
        "one step of one": _example(_SIZES, batch=1, steps=1),
        "empty batch": _example(_SIZES, batch=0),
        "blank memory": _example(_SIZES, blank=True),
        "saturated heads": _example(_SIZES, loud=100.0),
    },
    once_differentiable="its steps work in place; zoo.functions.native() has second derivatives",
    vmap=False,
)
def ntm(x: Float[Tensor, "T B I"], sizes: HeadSizes, *tensors: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    r"""A sequence: at every step the controller speaks, the heads address, write and then read.

    The controller takes the input and what was read in the step before. From the memory of the step before come each head's weights,
    :math:`w = \mathrm{sharpen}(\mathrm{shift}(\mathrm{lerp}(w_{-1}, \mathrm{content}(k, \beta, M_{-1}), g), s), \gamma)`; then the write
    heads erase and add, and the read heads read the new memory. The equations are those of ``content_addressing``, ``interpolate``,
    ``circular_shift``, ``sharpen`` (as a softmax of :math:`\gamma \ln w`), ``memory_write`` and ``memory_read``. Half precision is
    computed in single precision.

    Args:
        x: Inputs, time first.
        sizes: How many heads there are, of what sizes.
        tensors: The fields of ``NTMStart``, then those of ``NTMParameters``.

    Returns:
        After every step the state (what was read, then the controller's output), and, without gradients, the weights of all heads
        (``T B H N``) and the memory (``T B N M``).

    Raises:
        ZooError: There is no step, or there are more shifts than rows.

    References:
        Graves et al., "Neural Turing Machines", 2014, section 3. Slides D0:1358-1377. Gradient: MATHS.md "NTM" and "LSTM", step by step.
    """
    if is_native():
        return ntm_native(x, sizes, *tensors)
    _check(x, sizes, tensors[0])
    states, weights, memories = in_full_precision(partial(NTMThroughTime.apply, sizes))(x, *tensors)
    return states, weights, memories
