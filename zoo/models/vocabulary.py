"""The characters that a language model knows, and the two marks around every text."""

import sys
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from jaxtyping import Int, Int16
from torch import Tensor

from zoo.errors import ZooError

START, END = 0, 1
MARKS = ("<start>", "<end>")
"""Symbols 0 and 1 of every vocabulary: what a text begins after, and what the model says when it has finished."""


class Vocabulary:
    """Numbers for characters, and back.

    Args:
        symbols: The marks, then every character once; the place is the number.

    Raises:
        ZooError: The symbols are not those of a vocabulary.
    """

    def __init__(self, symbols: Sequence[str]) -> None:
        characters = symbols[len(MARKS) :]
        if len(symbols) > np.iinfo(np.int16).max:
            raise ZooError(f"{len(symbols)} different characters are more than a text has; is it one?")
        if tuple(symbols[: len(MARKS)]) != MARKS or len(set(characters)) != len(characters) or any(len(each) != 1 for each in characters):
            raise ZooError(f"the symbols are not those of a vocabulary: {', '.join(MARKS)}, then single characters, each once")
        self.symbols = list(symbols)
        self._number = np.zeros(sys.maxunicode + 1, dtype=np.int16)  # 0 for the unknown
        self._number[[ord(each) for each in characters]] = np.arange(len(MARKS), len(symbols))

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Vocabulary":
        """Every character that occurs, in the order of Unicode."""
        return cls([*MARKS, *sorted(set().union(*texts))])

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, text: str, *, what: str = "the text") -> Int16[Tensor, " T"]:
        """The numbers of a text's characters, without marks.

        Args:
            text: Any characters of the vocabulary.
            what: What the text is, for the error.

        Raises:
            ZooError: A character is not in the vocabulary.
        """
        number = self._number[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)]
        if not number.all():
            first = int(np.argmin(number != 0))
            known = "".join(self.symbols[len(MARKS) :])
            raise ZooError(
                f"{what} has {text[first]!r} at character {first + 1}, which the model never saw; leave it out or write it in the "
                f"{len(known)} characters that it knows: {known!r}"
            )
        return torch.from_numpy(number)

    def decode(self, code: Int[Tensor, " T"]) -> str:
        """The text of numbers; marks are left out."""
        return "".join(self.symbols[each] for each in code.tolist() if each >= len(MARKS))
