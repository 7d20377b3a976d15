"""What a recipe says of its algorithmic data. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass
from typing import Literal

from zoo.errors import ZooError, check_range

TaskName = Literal["copy", "repeat-copy", "recall", "ngrams", "sort"]
SMALLEST: dict[TaskName, int] = {"copy": 1, "repeat-copy": 1, "recall": 2, "ngrams": 6, "sort": 1}
"""Least size of a sequence: recall needs an item before the one that it asks for, an n-gram five bits before the one."""


@dataclass(frozen=True)
class AlgorithmicOptions:
    """Sequences that an algorithm answers, drawn anew for ever."""

    kind: TaskName = "copy"
    """copy: vectors of bits. repeat-copy: them, several times, and an end mark. recall: the item after the one asked for.
    ngrams: the next bit of a random Markov chain. sort: the vectors of highest priority, in order."""
    longest: int = 20
    """Largest size in training: vectors to copy or sort, vectors to repeat (and repeats), items, or bits of a chain. Sizes of copy
    and recall are drawn uniformly up to it, as are vectors and repeats; all chains and all that is sorted have this size."""
    easy: int = 4
    """Largest size in the first epochs, where there are --data.easy-epochs."""
    easy_epochs: int = 0
    """Epochs of easy sequences."""
    grow_epochs: int = 0
    """Epochs after them in which the largest size grows evenly to --data.longest."""
    varied: bool = False
    """Whether in half of the training sequences each vector has a share of ones of its own, drawn uniformly, instead of a half. Empty
    vectors, which look like the silence in which the answer is given, are then not rare. Validation and test stay as they are."""
    batch_size: int = 4
    """Sequences a step, all of one size."""
    steps: int = 125
    """Steps an epoch: as often is the model validated."""
    validation: int = 10
    """Validation sequences of each size; 20 times as many where training has one size only, or draws up to it."""

    def __post_init__(self) -> None:
        if self.varied and self.kind not in ("copy", "repeat-copy"):
            raise ZooError(f"--data.varied: is for copy and repeat-copy, not for {self.kind}")
        check_range("--data.longest", self.longest, least=SMALLEST[self.kind])
        check_range("--data.easy-epochs", self.easy_epochs, least=0)
        check_range("--data.grow-epochs", self.grow_epochs, least=0)
        if self.easy_epochs or self.grow_epochs:
            check_range("--data.easy", self.easy, least=SMALLEST[self.kind], below=self.longest)
        check_range("--data.batch-size", self.batch_size, least=1)
        check_range("--data.steps", self.steps, least=1)
        check_range("--data.validation", self.validation, least=1)

    def longest_in(self, epoch: int) -> int:
        """The largest size that training shows in an epoch, of which the first is 0."""
        if epoch >= self.easy_epochs + self.grow_epochs:
            return self.longest
        grown = max(0, epoch - self.easy_epochs) / max(1, self.grow_epochs)
        return self.easy + int(grown * (self.longest - self.easy))
