"""How much of a generated text was copied: the longest span that stands in the training texts, letter by letter."""

from bisect import bisect_left
from collections.abc import Iterable

import numpy as np

_DEEPEST = 4096  # bytes by which places are sorted: spans are no longer
_PACKED = 8  # bytes that fit one number


class CopyFinder:
    """Training texts in which spans are looked up: all their places, sorted by what follows.

    Args:
        texts: The training texts; no span goes from one to the next.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._whole = "\0".join(texts).encode()
        self._place = _sort_places(np.frombuffer(self._whole, dtype=np.uint8))

    def longest(self, text: str) -> str:
        """The longest span of ``text`` that is in a training text, up to 4,096 bytes; the first of several."""
        given, best, where = text.encode(), 0, 0
        for start in range(len(given)):
            while best < min(len(given) - start, _DEEPEST) and self._has(given[start : start + best + 1]):
                best, where = best + 1, start
        return given[where : where + best].decode(errors="ignore")

    def _has(self, span: bytes) -> bool:
        size, whole = len(span), self._whole
        found = bisect_left(self._place, span, key=lambda place: whole[place : place + size])
        return found < len(self._place) and whole.startswith(span, int(self._place[found]))


def _sort_places(code: np.ndarray) -> np.ndarray:
    """The places of a text in the order of the 4,096 bytes that follow each, by doubling (Manber and Myers 1993).

    Places that agree in so many bytes have the same rank; those whose rank is theirs alone need no further look.
    """
    padded = np.concatenate([code, np.zeros(_PACKED, dtype=np.uint8)]).astype(np.uint64)
    key = np.zeros(len(code), dtype=np.uint64)
    for offset in range(_PACKED):
        key = (key << np.uint64(8)) | padded[offset : offset + len(code)]
    order = np.argsort(key, kind="stable").astype(np.int32)  # texts are far shorter than 2 GiB
    slot, fresh = np.arange(len(code), dtype=np.int32), _differs(key[order])
    rank = np.empty(len(code), dtype=np.int32)
    depth = _PACKED
    while True:
        rank[order[slot]] = np.maximum.accumulate(np.where(fresh, slot, 0))
        shared = ~(fresh & np.append(fresh[1:], True))
        slot = slot[shared]
        if depth >= _DEEPEST or not len(slot):
            return order
        place = order[slot]
        first, second = rank[place], np.where(place + depth < len(code), rank[np.minimum(place + depth, len(code) - 1)], -1)
        by = np.lexsort((second, first))
        order[slot] = place[by]
        fresh = _differs(first[by]) | _differs(second[by])
        depth *= 2


def _differs(sorted_: np.ndarray) -> np.ndarray:
    """Where another value begins."""
    return np.append(True, sorted_[1:] != sorted_[:-1])[: len(sorted_)]
