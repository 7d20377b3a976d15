"""What a neural Turing machine's heads leave behind on their way forward, for the way back.

Sizes in shapes: T steps, B batch, H heads of which the first R read and the last W write, N rows of the memory, M numbers a row, S shifts,
E numbers of an emission, P = N + S - 1: the rows, and those that come round at both ends.
The memory lies transposed, its many rows last, so that operators run along them.
"""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from zoo.functions.ntm_emission import HeadSizes, cut


class Buffers(NamedTuple):
    """What the forward pass leaves behind: of all steps, with T as the first axis, or of one, without it."""

    sigmoids: Float[Tensor, "*T B _"]
    """Gates and erase vectors, side by side; squashed in place, as the next."""
    softpluses: Float[Tensor, "*T B _"]
    """Strengths and exponents, side by side."""
    gate: Float[Tensor, "*T B H 1"]
    erase: Float[Tensor, "*T B W M"]
    strength: Float[Tensor, "*T B H 1"]
    exponent: Float[Tensor, "*T B H 1"]
    """Less the one that is added."""
    emitted_shift: Float[Tensor, "*T B H S"]
    key: Float[Tensor, "*T B H M"]
    add: Float[Tensor, "*T B W M"]
    shift: Float[Tensor, "*T B H S"]
    inverse_lengths: Float[Tensor, "*T B _"]
    """One over the lengths of keys and rows, side by side."""
    inverse_key: Float[Tensor, "*T B H 1"]
    inverse_row: Float[Tensor, "*T B 1 N"]
    gain: Float[Tensor, "*T B H 1"]
    """Strength over the key's length."""
    scaled: Float[Tensor, "*T B H M"]
    """Key times gain."""
    score: Float[Tensor, "*T B H N"]
    """Strength times cosine."""
    content: Float[Tensor, "*T B H N"]
    padded: Float[Tensor, "*T B H P"]
    """Interpolated weights."""
    gated: Float[Tensor, "*T B H N"]
    """The same without what comes round: a view, as the next."""
    windows: Float[Tensor, "*T B H S N"]
    """The same from every offset, -k ... k."""
    moved: Float[Tensor, "*T B H N"]
    log: Float[Tensor, "*T B H N"]
    previous: Float[Tensor, "*T B H N"]
    """Weights of the step before."""
    weight: Float[Tensor, "*T B H N"]
    read_weight: Float[Tensor, "*T B R N"]
    write_weight: Float[Tensor, "*T B W N"]
    before: Float[Tensor, "*T B M N"]
    """Memory before this step's writing."""
    memory: Float[Tensor, "*T B M N"]
    read: Float[Tensor, "*T B R M"]


def allocate(
    emission: Float[Tensor, "T B E"],
    memory: Float[Tensor, "_ B M N"],
    weight: Float[Tensor, "_ B H N"],
    read: Float[Tensor, "T B R M"],
    sizes: HeadSizes,
) -> Buffers:
    """Make the buffers of T steps.

    Args:
        emission: What the controller will say.
        memory: The memory at the start, and T to come.
        weight: The weights at the start, and T to come.
        read: Where to put what is read.
        sizes: How many heads, of what sizes.
    """
    heads, rows, reach, steps = sizes.heads, weight.shape[-1], sizes.shifts // 2, emission.shape[:2]

    def empty(*shape: int) -> Tensor:
        return emission.new_empty(*steps, *shape)

    parts = cut(emission, sizes)
    squashed = heads + sizes.writes * sizes.width
    inverse_lengths = empty(heads + rows)
    padded = empty(heads, rows + sizes.shifts - 1)
    read_weight, write_weight = weight[1:].split([sizes.reads, sizes.writes], -2)
    return Buffers(
        sigmoids=emission[..., :squashed],
        softpluses=emission[..., squashed : squashed + 2 * heads],
        gate=parts.gate,
        erase=parts.erase,
        strength=parts.strength,
        exponent=parts.exponent,
        emitted_shift=parts.shift,
        key=parts.key,
        add=parts.add,
        shift=empty(heads, sizes.shifts),
        inverse_lengths=inverse_lengths,
        inverse_key=inverse_lengths[..., :heads, None],
        inverse_row=inverse_lengths[..., None, heads:],
        gain=empty(heads, 1),
        scaled=empty(heads, sizes.width),
        score=empty(heads, rows),
        content=empty(heads, rows),
        padded=padded,
        gated=padded[..., reach : reach + rows],
        windows=padded.unfold(-1, rows, 1),
        moved=empty(heads, rows),
        log=empty(heads, rows),
        previous=weight[:-1],
        weight=weight[1:],
        read_weight=read_weight,
        write_weight=write_weight,
        before=memory[:-1],
        memory=memory[1:],
        read=read,
    )
