"""What a recipe says of points with gaps. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass
from typing import ClassVar

from zoo.errors import ZooError, check_range


@dataclass(frozen=True)
class CompletionOptions:
    """Points of several groups, some of whose entries are hidden."""

    kind: ClassVar[str]

    points: int = 50
    """Points of each group."""
    missing: float = 0.3
    """Share of the entries that are hidden, each by a coin of its own."""

    def __post_init__(self) -> None:
        check_range("--data.points", self.points, least=2)
        check_range("--data.missing", self.missing, least=0.01, below=1)


@dataclass(frozen=True)
class SubspaceOptions(CompletionOptions):
    """Random points of random subspaces."""

    kind: ClassVar[str] = "subspaces"

    subspaces: int = 10
    rank: int = 5
    """Dimension of each subspace."""
    dimensions: int = 50
    """Of the space; subspaces whose dimensions add up to it leave a matrix of full rank."""
    noise: float = 0.0
    """Standard deviation of what is added to each entry; the points' own is 1."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("--data.subspaces", self.subspaces, least=1)
        check_range("--data.rank", self.rank, least=1)
        check_range("--data.dimensions", self.dimensions, least=1)
        check_range("--data.noise", self.noise, least=0)
        if self.rank > self.dimensions:
            raise ZooError(f"--data.rank {self.rank}: a subspace of {self.dimensions} dimensions has no more than these")


@dataclass(frozen=True)
class DigitGapOptions(CompletionOptions):
    """The embedded digits, 64 pixels each, as points near one subspace a class."""

    kind: ClassVar[str] = "digits"
