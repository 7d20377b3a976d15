"""What a recipe says of its training. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass, field
from typing import Literal

from zoo.errors import check_range


@dataclass(frozen=True)
class OptimizerOptions:
    """The optimiser and its schedule."""

    name: Literal["sgd", "adam", "adamw", "rmsprop"] = "adamw"
    """sgd is that of the slides: momentum, and weight decay as part of the gradient. rmsprop is centred, as Graves 2013 has it."""
    lr: float = 3e-3
    """Largest learning rate."""
    momentum: float = 0.9
    """Momentum of sgd and rmsprop; first moment of adam and adamw."""
    beta2: float = 0.999
    """Second moment of adam and adamw: what is left of the mean of the squared gradients after a step."""
    weight_decay: float = 0.0
    """Weight decay lambda, of matrices and kernels alone; for sgd and adam it enters the gradient (erratum E1), for adamw it does not."""
    schedule: Literal["constant", "one-cycle", "cosine", "exponential"] = "one-cycle"
    """How the learning rate moves, step by step."""
    warmup: float = 0.1
    """Share of the steps in which one-cycle rises."""
    final: float = 1e-4
    """Last learning rate of cosine and exponential, as a share of the largest."""

    def __post_init__(self) -> None:
        check_range("--task.optimizer.lr", self.lr, least=0)
        check_range("--task.optimizer.momentum", self.momentum, least=0, below=1)
        check_range("--task.optimizer.beta2", self.beta2, least=0, below=1)
        check_range("--task.optimizer.weight-decay", self.weight_decay, least=0)
        check_range("--task.optimizer.warmup", self.warmup, least=0, below=1)


@dataclass(frozen=True)
class StoppingOptions:
    """The slides' three stopping criteria (D3:300-306); 0 turns one off."""

    gradient_norm: float = 0.0
    """Stop when the norm of the whole training set's mean gradient over an epoch falls below this."""
    error_change: float = 0.0
    """Stop when the training loss changes by less than this share of itself from one epoch to the next."""
    patience: int = 0
    """Stop after so many epochs without a lower validation loss, and keep the best weights."""


@dataclass(frozen=True)
class ClassificationOptions:
    """How a classifier learns."""

    loss: Literal["cross-entropy", "squared-error", "map"] = "cross-entropy"
    """cross-entropy: softmax. squared-error: sigmoid outputs. map: LeNet-5's own, for its rbf head."""
    optimizer: OptimizerOptions = field(default_factory=OptimizerOptions)
    stopping: StoppingOptions = field(default_factory=StoppingOptions)
