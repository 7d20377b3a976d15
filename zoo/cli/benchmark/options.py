"""What every benchmark takes."""

from dataclasses import dataclass
from pathlib import Path

from zoo.errors import check_range


@dataclass(frozen=True)
class BenchmarkOptions:
    """Where the figures go."""

    json: Path | None = None
    """File for the figures."""


@dataclass(frozen=True)
class TimingOptions(BenchmarkOptions):
    """How often things are timed."""

    repeats: int = 10
    """Rounds in which the contenders take turns, after one that is not counted."""

    def __post_init__(self) -> None:
        check_range("--repeats", self.repeats, least=1)
