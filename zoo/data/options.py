"""What a recipe says of its data. No heavy import: ``--help`` reads this file."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import tyro

from zoo.errors import ZooError, check_range

# `--data folder` instead of `--data.kind folder`.
_DATA = tyro.conf.arg(name="data", prefix_name=False)


@dataclass(frozen=True)
class DistortionOptions:
    """Random distortion of training pictures; all zero means none."""

    rotation: float = 0.0
    """Largest rotation, degrees."""
    scale: float = 0.0
    """Largest relative change of width and of height."""
    shear: float = 0.0
    """Largest horizontal shear, pixels a pixel."""
    translation: float = 0.0
    """Largest shift in each direction, pixels."""
    elastic: float = 0.0
    """Standard deviation of the elastic displacement, pixels."""
    smoothness: float = 4.0
    """Width of the Gaussian that smooths the elastic field, pixels."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            check_range(f"--data.distortion.{name}", value, least=1e-3 if name == "smoothness" else 0)
        check_range("--data.distortion.scale", self.scale, least=0, below=1)

    @property
    def active(self) -> bool:
        """Whether anything is distorted at all."""
        return any((self.rotation, self.scale, self.shear, self.translation, self.elastic))


@dataclass(frozen=True)
class TransformOptions:
    """How a stored picture becomes the model's input."""

    size: int = 28
    """Side of the square input, pixels."""
    content: int = 28
    """Side of the picture within it, pixels; the rest is background."""
    background: float | tuple[float, ...] = 0.0
    """Input value of an empty pixel; three for the colours of a picture."""
    ink: float | tuple[float, ...] = 1.0
    """Input value of a full pixel; likewise."""
    whitening: Literal["center", "standardize", "pca", "zca"] | None = None
    """Pre-processing of the slides, fitted on the training split."""

    def __post_init__(self) -> None:
        check_range("--data.transform.content", self.content, least=1)
        check_range("--data.transform.size", self.size, least=self.content)

    @property
    def colour(self) -> bool:
        """Whether pictures keep their colours."""
        return isinstance(self.background, tuple)


@dataclass(frozen=True)
class ImageOptions:
    """Pictures with labels."""

    kind: Annotated[Literal["digits", "mnist", "folder"], _DATA] = "digits"
    """digits: embedded, 1,797 of scikit-learn. mnist: IDX files. folder: your own pictures, one folder a class."""
    root: Path | None = None
    """Folder of the data; without it $ZOO_DATA and the cache are searched."""
    validation: float = 0.1
    """Share of the training pictures kept for validation; 0 trains on all."""
    split_seed: int = 0
    """Seed of the split into training and validation."""
    batch_size: int = 64
    """Pictures a training step, over all devices together."""
    workers: int = 0
    """Threads that distort pictures ahead of the training, worth it where --trainer.threads leaves cores free. Any number of
    them gives the same batches; 0 distorts a batch when it is asked for."""
    transform: TransformOptions = field(default_factory=TransformOptions)
    distortion: DistortionOptions = field(default_factory=DistortionOptions)

    def __post_init__(self) -> None:
        if self.root is not None:
            if self.kind == "digits":
                raise ZooError("--data.root: the digits are embedded and read from no folder; leave it out, or choose other --data")
            object.__setattr__(self, "root", self.root.absolute())  # a run's record holds wherever it is read
        check_range("--data.validation", self.validation, least=0, below=1)
        check_range("--data.batch-size", self.batch_size, least=1)
        check_range("--data.workers", self.workers, least=0, below=65)


@dataclass(frozen=True)
class DoubleMoonOptions:
    """Haykin's double moon."""

    kind: Annotated[Literal["double-moon"], _DATA] = "double-moon"
    distance: float = -4.0
    """Vertical distance of the two moons; negative where they interlock."""
    validation: float = 0.1
    """Share of the training points kept for validation."""
    split_seed: int = 0
    """Seed of the split into training and validation."""
    batch_size: int = 10
    """Points a training step."""

    def __post_init__(self) -> None:
        check_range("--data.validation", self.validation, least=0, below=1)
        check_range("--data.batch-size", self.batch_size, least=1)
