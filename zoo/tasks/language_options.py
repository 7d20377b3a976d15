"""What a recipe says of training a language model. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass, field

from zoo.errors import ZooError, check_range
from zoo.tasks.options import OptimizerOptions, StoppingOptions


@dataclass(frozen=True)
class LanguageOptions:
    """How a language model learns."""

    optimizer: OptimizerOptions = field(default_factory=OptimizerOptions)
    clip: float = 1.0
    """Largest norm of the gradient of all weights together; longer ones are shortened to it. 0 for no limit."""
    sample_every: int = 500
    """Steps between programs written for TensorBoard; 0 for none."""
    temperature: float = 0.6
    """Of those programs, and of those that are measured at the end."""
    samples: int = 500
    """Programs that are written, compiled and compared at the end; 0 for none."""
    ngrams: int = 20
    """Highest order of the n-grams that the end compares with; 0 for none."""
    stopping: StoppingOptions = field(default_factory=StoppingOptions)

    def __post_init__(self) -> None:
        check_range("--task.clip", self.clip, least=0)
        check_range("--task.sample-every", self.sample_every, least=0)
        check_range("--task.samples", self.samples, least=0)
        check_range("--task.ngrams", self.ngrams, least=0)
        check_range("--task.temperature", self.temperature, least=0)


@dataclass(frozen=True)
class RecallTaskOptions:
    """How two networks learn to recall."""

    optimizer: OptimizerOptions = field(default_factory=lambda: OptimizerOptions(name="adam", lr=3e-3))
    clip: float = 1.0
    """Largest norm of each network's gradient."""

    def __post_init__(self) -> None:
        if not self.clip > 0:
            raise ZooError(f"--task.clip {self.clip}: must be above 0; a plain network's gradient explodes without")
