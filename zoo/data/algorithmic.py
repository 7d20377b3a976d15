"""The five algorithmic tasks of the neural Turing machine's paper: endless data that a few lines define.

Every task draws a batch of sequences of one size: what goes in at each step, what should come out, and at which steps that is asked.

Sizes in shapes: B batch, T steps, I inputs, O outputs, L size of the sequences, W bits of a vector.
Reference: Graves et al., "Neural Turing Machines", 2014, section 4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from zoo.data.algorithmic_options import SMALLEST, TaskName

_COPY_BITS = 8
_RECALL_BITS = 6
_RECALL_VECTORS = 3  # an item
_NGRAM_CONTEXT = 5
_SORTED_SHARE = 0.8  # 16 of 20


class Sequences(NamedTuple):
    """A batch of sequences of one size."""

    x: Float[Tensor, "B T I"]
    target: Float[Tensor, "B T O"]
    """Bits; zero where nothing is asked."""
    asked: Bool[Tensor, " T"]
    """At which steps the target is asked."""


Make = Callable[..., Sequences]
"""Takes batch, size and generator; those that copy take ``varied`` too, as ``copy`` does."""


@dataclass(frozen=True)
class AlgorithmicTask:
    """How a task is drawn, and for what sizes a model is tested."""

    make: Make
    inputs: int
    outputs: int
    smallest: int = 1
    """Least size of a sequence."""
    fixed: bool = False
    """Whether training has the largest size only."""
    beyond: tuple[int, ...] = ()
    """Sizes of the test that training does not show."""
    make_exact: Make | None = None
    """What draws sequences of just a size, where ``make`` draws up to it."""
    rows: int = 1
    """Rows of a memory that are written for each of so many vectors or items as the size says; 0 where the size is of something else."""
    end_mark: bool = False
    """Whether the last output marks the end."""
    largest: int = 1000
    """Largest size that a model can be asked for: a mistyped one would fill the memory."""
    tests: int = 200
    """Sequences of each size in the test: more where they differ in more than their vectors, or errors are rare and large."""

    def sizes(self, longest: int) -> range:
        """The sizes that training shows."""
        return range(longest if self.fixed else self.smallest, longest + 1)

    def draw(self, batch: int, size: int, generator: torch.Generator, *, exact: bool) -> Sequences:
        """Sequences as in training, or ``exact``: of just this size."""
        make = self.make_exact if exact and self.make_exact else self.make
        return make(batch, size, generator)


def copy(batch: int, size: int, generator: torch.Generator, *, varied: bool = False) -> Sequences:
    """``size`` random vectors of 8 bits, a delimiter on a channel of its own; then the same vectors are asked.

    Args:
        batch: Number of sequences.
        size: Number of vectors.
        generator: What draws.
        varied: Whether in half of the sequences each vector has a share of ones of its own, drawn uniformly; else it is a half.
    """
    vector = _bits(batch, size, _COPY_BITS, generator, varied)
    x = torch.zeros(batch, 2 * size + 1, _COPY_BITS + 1)
    x[:, :size, :-1] = vector
    x[:, size, -1] = 1
    return _answered(x, vector)


def repeat_copy(batch: int, size: int, generator: torch.Generator, *, repeats: int | None = None, varied: bool = False) -> Sequences:
    """Vectors and a number, then the vectors that often and an end mark are asked.

    Up to ``size`` vectors and repeats are drawn; the number comes with the delimiter, on a channel of its own, shifted and scaled to
    zero mean and unit variance over 1 ... 10, which are the paper's repeats.

    Args:
        batch: Number of sequences.
        size: Largest number of vectors, and of repeats.
        generator: What draws.
        repeats: The number of repeats, where it is not drawn; then all sequences have ``size`` vectors.
        varied: As for ``copy``.
    """
    length, times = size, repeats
    if times is None:
        length, times = (int(torch.randint(1, size + 1, (1,), generator=generator)) for _ in range(2))
    vector = _bits(batch, length, _COPY_BITS, generator, varied)
    x = torch.zeros(batch, length + 1 + length * times + 1, _COPY_BITS + 2)
    x[:, :length, :_COPY_BITS] = vector
    x[:, length, -2] = 1
    x[:, length, -1] = (times - 5.5) / 8.25**0.5
    answer = torch.zeros(batch, length * times + 1, _COPY_BITS + 1)
    answer[:, :-1, :-1] = vector.repeat(1, times, 1)
    answer[:, -1, -1] = 1
    return _answered(x, answer)


def _ten_vectors(batch: int, repeats: int, generator: torch.Generator) -> Sequences:
    return repeat_copy(batch, 10, generator, repeats=repeats)


def recall(batch: int, size: int, generator: torch.Generator) -> Sequences:
    """``size`` items of three 6-bit vectors, each after a delimiter; one but the last between two other delimiters; the next is asked."""
    item = _bits(batch, size * _RECALL_VECTORS, _RECALL_BITS, generator).unflatten(1, (size, _RECALL_VECTORS))
    asked = torch.randint(size - 1, (batch,), generator=generator)
    each = torch.arange(batch)
    block = _RECALL_VECTORS + 1
    x = torch.zeros(batch, (size + 1) * block + 1 + _RECALL_VECTORS, _RECALL_BITS + 2)
    blocks = x[:, : (size + 1) * block].unflatten(1, (size + 1, block))
    blocks[:, :-1, 0, -2] = 1
    blocks[:, :-1, 1:, :_RECALL_BITS] = item
    blocks[:, -1, 0, -1] = 1
    blocks[:, -1, 1:, :_RECALL_BITS] = item[each, asked]
    x[:, (size + 1) * block, -1] = 1
    return _answered(x, item[each, asked + 1])


def ngrams(batch: int, size: int, generator: torch.Generator) -> Sequences:
    """``size`` bits of a chain whose next bit depends on the last five, by a table of its own; every next bit from the sixth on is asked.

    The table's 32 probabilities are drawn from Beta(1/2, 1/2), which is the distribution of the squared sine of a uniform angle.
    """
    table = torch.rand(batch, 2**_NGRAM_CONTEXT, generator=generator).mul(torch.pi / 2).sin().square()
    coin = torch.rand(batch, size, generator=generator)
    bit = (coin < 0.5).float()
    place = 2 ** torch.arange(_NGRAM_CONTEXT)
    for step in range(_NGRAM_CONTEXT, size):
        context = (bit[:, step - _NGRAM_CONTEXT : step].long() * place).sum(1, keepdim=True)
        bit[:, step] = (coin[:, step] < table.gather(1, context)[:, 0]).float()
    asked = torch.arange(1, size) >= _NGRAM_CONTEXT
    return Sequences(bit[:, :-1, None], bit[:, 1:, None] * asked[:, None], asked)


def sort(batch: int, size: int, generator: torch.Generator) -> Sequences:
    """``size`` 8-bit vectors with priorities in [-1, 1) and a delimiter; four fifths of them are asked, highest priority first."""
    vector = _bits(batch, size, _COPY_BITS, generator)
    priority = torch.rand(batch, size, generator=generator) * 2 - 1
    count = max(1, round(_SORTED_SHARE * size))
    x = torch.zeros(batch, size + 1 + count, _COPY_BITS + 2)
    x[:, :size, :_COPY_BITS] = vector
    x[:, :size, -2] = priority
    x[:, size, -1] = 1
    order = priority.argsort(1, descending=True)[:, :count]
    return _answered(x, vector.gather(1, order[..., None].expand(-1, -1, _COPY_BITS)))


def _bits(batch: int, length: int, width: int, generator: torch.Generator, varied: bool = False) -> Float[Tensor, "B L W"]:
    if not varied:
        return torch.randint(2, (batch, length, width), generator=generator).float()
    share = torch.rand(batch, length, 1, generator=generator)
    share[torch.rand(batch, generator=generator) < 0.5] = 0.5
    return (torch.rand(batch, length, width, generator=generator) < share).float()


def _answered(x: Float[Tensor, "B T I"], answer: Float[Tensor, "B A O"]) -> Sequences:
    """Ask the answer at the last steps."""
    batch, steps, _ = x.shape
    target = torch.zeros(batch, steps, answer.shape[2])
    target[:, steps - answer.shape[1] :] = answer
    return Sequences(x, target, torch.arange(steps) >= steps - answer.shape[1])


TASKS: dict[TaskName, AlgorithmicTask] = {
    "copy": AlgorithmicTask(copy, _COPY_BITS + 1, _COPY_BITS, beyond=(30, 50, 80, 120)),
    "repeat-copy": AlgorithmicTask(
        *(repeat_copy, _COPY_BITS + 2, _COPY_BITS + 1),
        fixed=True,
        beyond=(20,),
        make_exact=_ten_vectors,
        rows=0,
        end_mark=True,
        largest=100,
        tests=1000,
    ),
    "recall": AlgorithmicTask(
        recall,
        _RECALL_BITS + 2,
        _RECALL_BITS,
        smallest=SMALLEST["recall"],
        beyond=(8, 10, 12, 15, 20),
        rows=_RECALL_VECTORS + 1,
        tests=2000,
    ),
    "ngrams": AlgorithmicTask(ngrams, 1, 1, smallest=SMALLEST["ngrams"], fixed=True, rows=0),
    "sort": AlgorithmicTask(sort, _COPY_BITS + 2, _COPY_BITS, fixed=True),
}
