"""What the controller of a neural Turing machine says to its heads at each step.

Sizes in shapes: *steps any leading axes (steps, batch), H heads of which the last W write, M numbers a row of the memory, S shifts,
E all numbers of an emission.
"""

from dataclasses import dataclass
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from zoo.errors import ZooError


@dataclass(frozen=True)
class HeadSizes:
    """How many heads there are, and of what sizes their parts.

    Raises:
        ZooError: There is no head, a row has no number, or the number of shifts is even.
    """

    reads: int
    writes: int
    width: int
    """Numbers M of a key and of a row of the memory."""
    shifts: int
    """Offsets S among which a head may move: an odd number, for -k ... k."""

    def __post_init__(self) -> None:
        for what, count in {"read heads": self.reads, "write heads": self.writes, "numbers a row of the memory": self.width}.items():
            if count < 1:
                raise ZooError(f"{count} {what}: at least one is needed")
        if self.shifts < 1 or self.shifts % 2 == 0:
            raise ZooError(f"{self.shifts} shifts: must be an odd number, for the offsets -k ... k")

    def check_rows(self, rows: int) -> None:
        """Refuse a memory that the heads would move around more than once.

        Raises:
            ZooError: There are more shifts than rows.
        """
        if self.shifts > rows:
            raise ZooError(f"{self.shifts} shifts over a memory of {rows} rows: take fewer shifts or more rows")

    @property
    def heads(self) -> int:
        """Read and write heads together."""
        return self.reads + self.writes

    @property
    def parts(self) -> tuple[int, ...]:
        """Numbers of each field of ``Emission``, in its order."""
        heads, written = self.heads, self.writes * self.width
        return heads, written, heads, heads, heads * self.shifts, heads * self.width, written

    @property
    def total(self) -> int:
        """Numbers E of an emission."""
        return sum(self.parts)


class Emission(NamedTuple):
    """An emission cut into its parts, each a view of it."""

    gate: Float[Tensor, "*steps H 1"]
    """Interpolation gate: through a sigmoid, as the next."""
    erase: Float[Tensor, "*steps W M"]
    strength: Float[Tensor, "*steps H 1"]
    """Key strength: through a softplus, as the next."""
    exponent: Float[Tensor, "*steps H 1"]
    """Sharpening, to which one is added."""
    shift: Float[Tensor, "*steps H S"]
    """Weights of the offsets: through a softmax."""
    key: Float[Tensor, "*steps H M"]
    """As it is, and the next."""
    add: Float[Tensor, "*steps W M"]


def cut(emission: Float[Tensor, "*steps E"], sizes: HeadSizes) -> Emission:
    """View the parts of an emission: first what goes through a sigmoid, then what goes through a softplus, then the others."""
    gate, erase, strength, exponent, shift, key, add = emission.split(sizes.parts, -1)
    heads, writes, width = sizes.heads, sizes.writes, sizes.width
    return Emission(
        gate.unsqueeze(-1),
        erase.unflatten(-1, (writes, width)),
        strength.unsqueeze(-1),
        exponent.unsqueeze(-1),
        shift.unflatten(-1, (heads, sizes.shifts)),
        key.unflatten(-1, (heads, width)),
        add.unflatten(-1, (writes, width)),
    )
