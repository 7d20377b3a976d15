"""What a recipe says of learning an algorithm. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass, field

from zoo.errors import check_range
from zoo.tasks.options import OptimizerOptions


@dataclass(frozen=True)
class TransductionOptions:
    """How a model learns to answer sequences with sequences."""

    optimizer: OptimizerOptions = field(default_factory=lambda: OptimizerOptions(name="adam", lr=3e-3, schedule="cosine"))
    clip: float = 1.0
    """Largest norm of the gradient; 0 for no limit."""
    clip_value: float = 0.0
    """Largest size of each number of the gradient, the paper's way; 0 for no limit."""
    calm: float = 0.3
    """What the learning rate is multiplied by once the task is solved, so that what was learnt is not lost again."""
    calm_clip: float = 0.1
    """Largest norm of the gradient from then on, when a sequence that goes wrong has thousands of times the others'; 0 for no limit."""
    calm_beta2: float = 0.999
    """Second moment of adam and adamw from then on: the longer the steep gradients before are remembered, the shorter the steps."""
    stop_after: int = -1
    """Stop so many sequences after the task was solved; relapses are looked for until then, but in no more than 10,000. -1 to go on."""

    def __post_init__(self) -> None:
        check_range("--task.clip", self.clip, least=0)
        check_range("--task.clip-value", self.clip_value, least=0)
        check_range("--task.calm", self.calm, least=0)
        check_range("--task.calm-clip", self.calm_clip, least=0)
        check_range("--task.calm-beta2", self.calm_beta2, least=0, below=1)
        check_range("--task.stop-after", self.stop_after, least=-1)
