"""Texts cut into windows through which a recurrent network carries its state.

Sizes in shapes: N texts, L symbols of all texts one after the other, B texts side by side, T characters of a window.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from zoo.data.batches import EpochOrder, check_order, checksum
from zoo.errors import ZooError
from zoo.models.char_lstm import IGNORED, Window
from zoo.models.vocabulary import END, START, Vocabulary

_GROUPS_A_BUCKET = 16


@dataclass(frozen=True)
class Encoded:
    """Texts as numbers."""

    code: Int[Tensor, " L"]
    """Every text between its two marks, one after the other; those of a stream have one mark between them."""
    offset: Int[Tensor, " N"]
    """Where each text's start mark is."""
    length: Int[Tensor, " N"]
    """Symbols to predict in each: its characters and the end mark."""
    problem: Int[Tensor, " N"] | None

    @property
    def read(self) -> Int[Tensor, " M"]:
        """All symbols that windows show or ask for, without those behind where texts are cut."""
        place = torch.arange(len(self.code))
        text = torch.searchsorted(self.offset, place, right=True) - 1
        return self.code[place - self.offset[text] <= self.length[text]]

    def to(self, device: torch.device) -> "Encoded":
        """The same on a device."""
        problem = None if self.problem is None else self.problem.to(device)
        return Encoded(self.code.to(device), self.offset.to(device), self.length.to(device), problem)


def encode(texts: list[str], problem: list[int] | None, vocabulary: Vocabulary, *, longest: int | None = None) -> Encoded:
    """Numbers for texts.

    Args:
        texts: At least one.
        problem: Which problem each is for, counted from 0; None for texts that are for none.
        vocabulary: Of the model.
        longest: Characters after which a text is cut, without an end mark; None to cut none.

    Raises:
        ZooError: There is no text, or one has a character outside the vocabulary.
    """
    if not texts:
        raise ZooError("there is no text to learn from")
    whole = vocabulary.encode("".join(texts), what="the data")
    count = torch.tensor([len(text) for text in texts])
    end = count.cumsum(0)
    marked = torch.full((int(end[-1]) + 2 * len(texts),), START, dtype=torch.int16)
    place = torch.arange(len(texts)).repeat_interleave(count) * 2 + 1 + torch.arange(len(whole))
    marked[place] = whole
    offset = end - count + 2 * torch.arange(len(texts))
    marked[offset + count + 1] = END
    length = (count + 1).clamp(max=longest or int(count.max()) + 1)
    return Encoded(marked, offset, length, None if problem is None else torch.tensor(problem))


def as_stream(texts: Encoded, *, rows: int) -> Encoded:
    """The same texts as one, read from ``rows`` places at once: what begins or ends at such a place has no mark.

    Between two texts there is one mark: to be predicted as the end of the first, and read as the start of the second.

    Raises:
        ZooError: The texts together are shorter than that.
    """
    code = torch.cat([texts.code[:1], texts.code[texts.code != START]])
    row = -(-(len(code) - 1) // rows)
    offset = torch.arange(0, len(code) - 1, row)
    if len(offset) < rows:
        raise ZooError(f"{len(code) - 2} characters of text are too few for {rows} rows; set --data.batch-size lower")
    return Encoded(code, offset, (len(code) - 1 - offset).clamp(max=row), None)


class Windows:
    """An iterable of windows with a position, as a training loop wants it.

    Texts of similar length are side by side, each from its beginning to its end. Sorted by length they form buckets; in every
    epoch each bucket's texts form other groups, and the groups come in another order, a function of (seed, epoch). A group is cut
    into as many windows as the longest text of its bucket needs, so that every epoch has as many; texts that have ended leave.

    Args:
        texts: All texts.
        batch_size: Texts side by side.
        window: Most characters of a window, at least 2.
        seed: Seed of the order; None for that of the lengths.
    """

    def __init__(self, texts: Encoded, *, batch_size: int, window: int, seed: int | None = None) -> None:
        self.texts, self.batch_size, self.window = texts, batch_size, window
        self._buckets = _cut_buckets(texts.length, most=_GROUPS_A_BUCKET * batch_size)
        self._pieces = [-(-int(texts.length[bucket].max()) // window) for bucket in self._buckets]
        self._done = 0  # windows of this epoch that were given
        self._first = 0  # where the next iteration begins
        self.sampler = EpochOrder(len(texts.length), seed=seed)
        self.batch_sampler = None  # Lightning reads both names, as a DataLoader has them

    def __len__(self) -> int:
        return sum(pieces * -(-len(bucket) // self.batch_size) for bucket, pieces in zip(self._buckets, self._pieces, strict=True))

    def state_dict(self) -> dict[str, Any]:
        """The position, for a checkpoint: texts and seed fix the order, epoch and window the place in it."""
        return self._order() | {"epoch": self.sampler.epoch, "batch": self._done}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Let the next iteration begin where the position was taken.

        Raises:
            ZooError: It is a position in another order.
        """
        check_order(state_dict, self._order())
        self.sampler.set_epoch(state_dict["epoch"])
        self._first = state_dict["batch"] % len(self)  # after an epoch's last window comes the next one's first

    def _order(self) -> dict[str, Any]:
        order = {"symbols": len(self.texts.code), "texts": self.sampler.size, "windows": len(self), "seed": self.sampler.seed}
        return order | {"checksum": self._checksum}

    @cached_property
    def _checksum(self) -> str:
        return checksum(self.texts.code, self.texts.length)

    def __iter__(self) -> Iterator[Window]:
        first, self._first = self._first, 0
        windows = itertools.chain.from_iterable(starmap(self._cut, self._remaining(first)))
        for self._done, window in enumerate(windows, first + 1):
            yield window

    def _remaining(self, first: int) -> Iterator[tuple[Tensor, int, int]]:
        """The groups of this epoch: their texts, number of windows, and how many of these to leave out."""
        order = self.sampler.permutation()
        key = torch.empty_like(order).index_copy_(0, order, torch.arange(len(order)))  # a random rank for every text
        groups = []
        for bucket, pieces in zip(self._buckets, self._pieces, strict=True):
            groups += [(group, pieces) for group in bucket[key[bucket.cpu()].argsort().to(bucket.device)].split(self.batch_size)]
        for group, pieces in sorted(groups, key=lambda group: int(key[group[0][0]])):
            if first < pieces:
                yield group, pieces, first
            first = max(first - pieces, 0)

    def _cut(self, group: Tensor, pieces: int, first: int) -> Iterator[Window]:
        group = group[self.texts.length[group].argsort(descending=True, stable=True)]
        length = self.texts.length[group]
        limits = torch.linspace(0, float(length[0]), pieces + 1).round().long().tolist()
        for start, stop in list(itertools.pairwise(limits))[first:]:
            rows = int((length > start).sum())
            place = torch.arange(start, stop, device=group.device)
            past = place >= length[:rows, None]
            index = (self.texts.offset[group[:rows], None] + place).clamp(max=len(self.texts.code) - 2)
            source = self.texts.code[index].long()
            yield Window(
                source=source.masked_fill(source == END, START).masked_fill(past, END),
                target=self.texts.code[index + 1].long().masked_fill(past, IGNORED),
                problem=None if self.texts.problem is None else self.texts.problem[group[:rows]],
                begins=start == 0,
                weight=int((~past).sum()) / (self.batch_size * self.window),
            )


def _cut_buckets(length: Tensor, *, most: int) -> list[Int[Tensor, " M"]]:
    """Texts in the order of their length, at most so many together, and none more than twice as long as another."""
    ordered = length.sort(stable=True)
    buckets = []
    start = 0
    while start < len(length):
        similar = int(torch.searchsorted(ordered.values, 2 * ordered.values[start], right=True))
        buckets.append(ordered.indices[start : min(start + most, similar)])
        start += len(buckets[-1])
    return buckets
