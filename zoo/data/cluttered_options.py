"""What a recipe says of cluttered digits. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from zoo.errors import ZooError, check_range

PIECE = 16  # side of a piece of another digit on the canvas, pixels


@dataclass(frozen=True)
class ClutteredOptions:
    """A digit, scaled, turned and placed anywhere on a canvas, among pieces of other digits."""

    kind: Annotated[Literal["cluttered-mnist", "cluttered-digits"], tyro.conf.arg(name="data", prefix_name=False)] = "cluttered-mnist"
    """Whose digits: cluttered-mnist those of MNIST, cluttered-digits the embedded ones of scikit-learn."""
    root: Path | None = None
    """Folder of MNIST; without it $ZOO_DATA and the cache are searched."""
    canvas: int = 96
    """Side of the square picture, pixels."""
    pieces: int = 4
    """Pieces of other digits in a picture."""
    smallest: float = 28.0
    """Smallest side of the square that a digit is fitted into before it is turned (in MNIST 20), pixels; wide digits are less high."""
    largest: float = 48.0
    """Largest side of that square, pixels."""
    rotation: float = 15.0
    """Largest turn to either side, degrees."""
    small_epochs: int = 0
    """Epochs, from the first, that show smaller pictures, as densely cluttered: they take less time, and show as many digits."""
    small_canvas: int = 72
    """Side of those pictures, pixels."""
    validation: float = 1 / 30
    """Share of the training digits kept for validation."""
    split_seed: int = 0
    """Seed of the split into training and validation."""
    batch_size: int = 64
    """Pictures a training step, over all devices together."""
    workers: int = 0
    """Threads that draw pictures ahead of the training; any number of them gives the same pictures."""

    @property
    def scene(self) -> dict[str, Any]:
        """What decides how held-out pictures look, for a record."""
        sizes = {name: getattr(self, name) for name in ("canvas", "pieces", "smallest", "largest", "rotation")}
        return sizes | {"validation": self.validation, "split_seed": self.split_seed}

    @property
    def small(self) -> "ClutteredOptions":
        """Those of the smaller pictures."""
        area = (self.small_canvas / self.canvas) ** 2
        return replace(self, canvas=self.small_canvas, pieces=round(self.pieces * area), small_epochs=0)

    def __post_init__(self) -> None:
        if self.root is not None:
            if self.kind == "cluttered-digits":
                raise ZooError(
                    "--data.root: the digits are embedded and read from no folder; leave it out, or choose --data cluttered-mnist"
                )
            object.__setattr__(self, "root", self.root.absolute())  # a run's record holds wherever it is read
        check_range("--data.pieces", self.pieces, least=0)
        check_range("--data.smallest", self.smallest, least=8)
        check_range("--data.largest", self.largest, least=self.smallest)
        check_range("--data.canvas", self.canvas, least=max(1.5 * self.largest, PIECE))  # a turned digit's diagonal, or a piece
        check_range("--data.small-epochs", self.small_epochs, least=0)
        if self.small_epochs:
            check_range("--data.small-canvas", self.small_canvas, least=max(1.5 * self.largest, PIECE), below=self.canvas)
        check_range("--data.rotation", self.rotation, least=0, below=180)
        check_range("--data.validation", self.validation, least=0, below=1)
        check_range("--data.batch-size", self.batch_size, least=1)
        check_range("--data.workers", self.workers, least=0, below=65)
