"""What a recipe says of pre-training by contrastive divergence. No heavy import: ``--help`` reads this file."""

from dataclasses import asdict, dataclass, field
from typing import Literal

from zoo.errors import check_range
from zoo.tasks.options import OptimizerOptions


@dataclass(frozen=True)
class RBMOptions:
    """How an RBM, or each machine of a stack, learns."""

    steps: int = 1
    """Gibbs steps k a training step."""
    persistent: bool = False
    """Let the chains go on from step to step (PCD) instead of starting them at the data (CD)."""
    visible_states: Literal["sample", "mean"] = "sample"
    """What the chain's visible units take: sample makes it Gibbs sampling; mean is less noisy, and no longer that."""
    hidden_statistics: Literal["probability", "sample"] = "probability"
    """The data's hidden units in the statistics: sample is the slides' (erratum E44), with the same mean and more noise."""
    centered: bool = False
    """Count every unit from its mean: the gradient no longer depends on which state is called 1, and learning is better conditioned."""
    lr: float = 0.05
    """Learning rate of machines with binary visible units."""
    gaussian_lr: float = 0.001
    """Learning rate of machines with Gaussian visible units, which bear 10 to 100 times less."""
    final_lr: float = 1.0
    """Last learning rate as a share of the first; it falls along a straight line."""
    momentum: float = 0.5
    """Momentum of the first epochs."""
    final_momentum: float = 0.9
    """Momentum afterwards."""
    momentum_epochs: int = 5
    """Epochs of a machine after which the momentum changes."""
    weight_decay: float = 2e-4
    """Weight decay lambda of the weights; the biases have none."""
    sparsity_target: float = 0.1
    """Wanted mean activity of a hidden unit, where there is a cost."""
    sparsity_cost: float = 0.0
    """How strongly mean activities are drawn to the target; 0 does not."""

    def __post_init__(self) -> None:
        check_range("an RBM's steps", self.steps, least=1)
        for name in ("momentum", "final_momentum", "sparsity_target"):
            check_range(f"an RBM's {name.replace('_', '-')}", asdict(self)[name], least=0, below=1)
        for name in ("lr", "gaussian_lr", "final_lr", "momentum_epochs", "weight_decay", "sparsity_cost"):
            check_range(f"an RBM's {name.replace('_', '-')}", asdict(self)[name], least=0)


@dataclass(frozen=True)
class DeepBeliefOptions:
    """How a stack of RBMs learns, and then what it unfolds into."""

    pretraining: float = 0.5
    """Share of the epochs that pre-train, each machine as long as the others; with 0 the network starts at random weights."""
    rbm: RBMOptions = field(default_factory=RBMOptions)
    optimizer: OptimizerOptions = field(default_factory=OptimizerOptions)
    """Of the fine-tuning by back-propagation."""

    def __post_init__(self) -> None:
        check_range("--task.pretraining", self.pretraining, least=0, below=1)


@dataclass(frozen=True)
class ClassifyingOptions(DeepBeliefOptions):
    """How a stack learns, and then the classifier that it unfolds into."""

    label_smoothing: float = 0.0
    """Share of each label that fine-tuning spreads over all classes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("--task.label-smoothing", self.label_smoothing, least=0, below=1)


@dataclass(frozen=True)
class GenerativeOptions(ClassifyingOptions):
    """How a stack learns that classifies and generates; ``rbm`` is for the machines below the top."""

    top: RBMOptions = field(default_factory=RBMOptions)
    """How the top machine learns, whose chains fantasies come from."""
