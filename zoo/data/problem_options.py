"""What a recipe says of the problems that an optimiser learns on. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zoo.errors import check_range

ProblemName = Literal["quadratic", "quadratic-uniform", "rosenbrock", "logistic", "digits-network", "mnist-network"]


@dataclass(frozen=True)
class ProblemOptions:
    """Problems for an optimiser, drawn anew for ever."""

    kind: ProblemName = "quadratic"
    """quadratic: random ones of 10 dimensions, of Gaussian numbers; quadratic-uniform: of uniform ones, as in the paper's code.
    rosenbrock: a curved valley. logistic: regression on two clouds. digits-network, mnist-network: 20 sigmoid units on pictures."""
    root: Path | None = None
    """Folder of the pictures; without it $ZOO_DATA and the cache are searched."""
    batch_size: int = 128
    """Problems that are solved at once."""
    steps: int = 25
    """Times that an epoch begins with new ones: after an epoch comes a validation."""
    length: int = 100
    """Steps that the optimiser takes on each problem."""
    validation: int = 256
    """Validation problems."""
    spread: float = 0.0
    """Parameters are measured in random units, up to exp(spread) times larger or smaller; 0 leaves them as they are."""

    def __post_init__(self) -> None:
        if self.root is not None:
            object.__setattr__(self, "root", self.root.absolute())  # a run's record holds wherever it is read
        for name in ("batch-size", "steps", "length", "validation"):
            check_range(f"--data.{name}", getattr(self, name.replace("-", "_")), least=1)
        check_range("--data.spread", self.spread, least=0, below=20)  # its fourth power still fits single precision
