"""What a kind of recipe consists of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, runtime_checkable

import pytorch_lightning as pl
from matplotlib.figure import Figure
from pytorch_lightning.callbacks import Callback
from torch import nn

from zoo.layers.input_transform import InputTransform
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.release import Provenance
from zoo.records import ModelMeta
from zoo.registry import Trained

R = TypeVar("R", contravariant=True)

CURVE = "curve/"
"""Begins the names of figures that are points of a curve: recorded to be drawn, not to be compared."""


@dataclass(frozen=True)
class Measure:
    """A figure of merit: the name under which runs record it, and how people read it."""

    metric: str
    """Such as ``test/error``."""
    title: str
    unit: str = ""
    scale: float = 1.0
    """What a recorded value is multiplied by to be in ``unit``."""
    digits: int = 2
    chance: float = 0.0
    """For an estimate by random numbers: by how much, as it is recorded, it may differ where another processor or number of threads rounds
    otherwise, and states are drawn differently; 0 for a figure that all find alike."""

    def text(self, value: float) -> str:
        """A value with its unit: 0.0093 of ``test/error`` is ``0.93 %``."""
        return f"{self.number(value)} {self.unit}".rstrip()

    def number(self, value: float) -> str:
        """The same without the unit."""
        return f"{self.scale * value:.{self.digits}f}"


def compared(figures: Mapping[str, float]) -> dict[str, float]:
    """The figures by which runs are compared."""
    return {name: value for name, value in figures.items() if not name.startswith(CURVE)}


@dataclass(frozen=True)
class Report:
    """What was measured of a model, ready to be printed, recorded and looked at."""

    figures: dict[str, float]
    """By the names under which they are recorded (``test/error``)."""
    lines: Sequence[str] = ()
    """What a person reads of it in the terminal."""
    pictures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A recipe made ready: nothing is left that could be refused."""

    task: pl.LightningModule
    """Its submodule ``model`` is what is kept."""
    data: pl.LightningDataModule
    provenance: Provenance
    about: str
    """One line on the data, for whoever watches the start."""
    finish: Callable[[], Report]
    """Measures the trained model on validation and test data, once, at the end."""
    transform: InputTransform | None = None
    callbacks: Sequence[Callback] = ()
    """What TensorBoard shows beside the task's scalars, and what may end the training."""
    monitor: str | None = None
    """Logged figure whose lowest value decides which weights are kept; None for the last ones."""

    @property
    def model(self) -> nn.Module:
        """What is trained and kept."""
        return self.task.get_submodule("model")


@runtime_checkable
class Kind(Protocol[R]):
    """How recipes of one kind are trained, measured and shown."""

    measures: Sequence[Measure]
    """What cards tell; the first is the headline."""
    chosen_by: str
    """Recorded figure whose lowest value over the seeds decides which run is released; never one of the test set."""

    def prepare(self, recipe: R) -> Job:
        """Read the data and build the model of a recipe. Every generator has been seeded.

        Raises:
            ZooError: The data or the options cannot be used.
        """

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Measure trained weights on their test data, as ``Job.finish`` did.

        Raises:
            ZooError: The data is missing or not what the model was made for.
        """

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """Rows of the card that other kinds do not have, such as the input."""

    def usage(self, meta: ModelMeta) -> str:
        """Lines of Python that use ``model``, for the card."""

    def notes(self, meta: ModelMeta) -> str:
        """What else the card has to tell, in Markdown; empty for most."""
