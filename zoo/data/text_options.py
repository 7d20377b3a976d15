"""What a recipe says of its texts. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import tyro

from zoo.errors import ZooError, check_range

_DATA = tyro.conf.arg(name="data", prefix_name=False)


@dataclass(frozen=True)
class TextOptions:
    """Programs or other texts, character by character."""

    kind: Annotated[Literal["c-programs", "poj104", "tinyshakespeare", "folder"], _DATA] = "c-programs"
    """c-programs: embedded, written by templates. poj104: students' programs. folder: your own texts (--data.root)."""
    root: Path | None = None
    """Folder of the data (of kind folder: or a file); without it $ZOO_DATA and the cache are searched."""
    layout: Literal["programs", "stream"] = "programs"
    """programs: every text from its start, those of like length side by side. stream: all texts one after the other between
    their marks, cut into rows; the state is carried on, and the problem is not told."""
    programs: int = 4_000
    """Programs of c-programs, a tenth of them for validation."""
    batch_size: int = 64
    """Texts, or rows of the stream, side by side."""
    window: int = 100
    """Most characters through which a gradient goes back."""
    longest: int = 2_000
    """Characters after which a training text is cut; validation reads all of it."""

    def __post_init__(self) -> None:
        check_range("--data.batch-size", self.batch_size, least=1)
        check_range("--data.window", self.window, least=2)
        check_range("--data.longest", self.longest, least=1)
        check_range("--data.programs", self.programs, least=10)
        if self.root is not None:
            object.__setattr__(self, "root", self.root.absolute())  # a run's record holds wherever it is read
        if self.kind == "folder" and self.root is None:
            raise ZooError("--data folder needs --data.root: a text file, or a folder of them")


@dataclass(frozen=True)
class RecallOptions:
    """Sequences of a key and noise."""

    kind: ClassVar[str] = "recall"
    longest: int = 200
    """Steps of the longest sequence."""
    batches: int = 500
    """Batches an epoch; each has sequences of one length, drawn between 2 and the longest."""
    batch_size: int = 32
    """Sequences a batch."""

    def __post_init__(self) -> None:
        check_range("--data.longest", self.longest, least=2)
        check_range("--data.batches", self.batches, least=1)
        check_range("--data.batch-size", self.batch_size, least=1)
