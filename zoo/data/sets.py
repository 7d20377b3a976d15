"""What every reader returns: labelled arrays, split into training and test."""

from dataclasses import dataclass

from jaxtyping import Int, Shaped
from torch import Tensor

from zoo.errors import ZooError


@dataclass(frozen=True)
class Labelled:
    """Inputs with their class numbers.

    Raises:
        ValueError: No sample, or lengths that differ.
    """

    input: Shaped[Tensor, "N *shape"]
    label: Int[Tensor, " M"]

    def __post_init__(self) -> None:
        if len(self.input) != len(self.label):
            raise ZooError(f"{len(self.input)} pictures but {len(self.label)} labels; the files do not belong together")
        if len(self.input) == 0:
            raise ZooError("the data set has no samples")

    def __len__(self) -> int:
        return len(self.label)

    def subset(self, index: Int[Tensor, " M"]) -> "Labelled":
        """The samples at ``index``, in that order."""
        return Labelled(self.input[index], self.label[index])


@dataclass(frozen=True)
class Splits:
    """A data set as it comes: training (validation is cut from it later), test and the classes' names."""

    train: Labelled
    test: Labelled
    labels: list[str]
