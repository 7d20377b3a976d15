"""What tasks and scripts may ask of a model, beside being an ``nn.Module``."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Classifier(Protocol):
    """A model whose head can be exchanged for other classes."""

    def reset_head(self, num_classes: int) -> None:
        """Put a fresh head of ``num_classes`` scores on the features."""


@runtime_checkable
class Constrained(Protocol):
    """A model whose weights obey a rule that a training step may break."""

    def constrain(self) -> None:
        """Restore the rule; called after each step."""
