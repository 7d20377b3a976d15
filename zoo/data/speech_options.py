"""What a recipe says of spoken digits. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from zoo.errors import ZooError, check_range


@dataclass(frozen=True)
class SpeechOptions:
    """Spoken digits as windows of short-time spectra."""

    kind: Annotated[Literal["fsdd"], tyro.conf.arg(name="data", prefix_name=False)] = "fsdd"
    """fsdd: the Free Spoken Digit recordings."""
    root: Path | None = None
    """Folder of the data; without it $ZOO_DATA and the cache are searched."""
    held_out: str | None = None
    """A speaker who is tested and not trained on; without one the official split, which has every speaker on both sides."""
    features: Literal["log-mel", "mfcc"] = "log-mel"
    """log-mel: energies in bands. mfcc: their cepstral coefficients."""
    bands: int = 40
    """Mel bands."""
    coefficients: int = 13
    """Cepstral coefficients, of mfcc."""
    width: int = 11
    """Frames of a window; odd."""
    validation: int = 5
    """Recordings of each digit that are kept for validation from every training speaker's fifty."""
    batch_size: int = 128
    """Windows a training step."""

    def __post_init__(self) -> None:
        for name in ("bands", "coefficients", "width", "validation", "batch_size"):
            check_range(f"--data.{name.replace('_', '-')}", getattr(self, name), least=1)
        if self.features == "mfcc":
            check_range("--data.coefficients", self.coefficients, least=1, below=self.bands + 1)
        if self.width % 2 == 0:
            raise ZooError(f"--data.width {self.width}: a window has a frame in its middle; choose an odd number")
        if self.root is not None:
            object.__setattr__(self, "root", self.root.absolute())  # a run's record holds wherever it is read

    @property
    def frame_features(self) -> int:
        """Features of one frame."""
        return self.bands if self.features == "log-mel" else self.coefficients
