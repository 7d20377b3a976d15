"""What a classifier makes of a whole split: every figure that is printed, logged or put on a card.

Sizes in shapes: N samples, B batch, C classes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torchmetrics.functional.classification import multiclass_confusion_matrix

from zoo.layers.mode import evaluating


@dataclass(frozen=True)
class ClassificationReport:
    """Scores of a split in its order, and the mean loss in the loss's own unit."""

    score: Float[Tensor, "N C"]
    label: Int[Tensor, " N"]
    loss: float

    @property
    def error(self) -> float:
        """Share of samples whose likeliest class is wrong, in [0, 1]."""
        return float((self.score.argmax(-1) != self.label).double().mean())

    @property
    def confusion(self) -> Int[Tensor, "C C"]:
        """Counts: true class in rows, predicted class in columns."""
        return multiclass_confusion_matrix(self.score.argmax(-1), self.label, num_classes=self.score.shape[-1])

    def worst(self, count: int) -> Int[Tensor, " M"]:
        """Positions of the mistakes, the most confident first: largest lead of the wrong class over the right one."""
        right = self.score.gather(-1, self.label[:, None]).squeeze(-1)
        lead = self.score.amax(-1) - right
        mistakes = int((lead > 0).sum())
        return lead.argsort(descending=True, stable=True)[: min(count, mistakes)]

    def metrics(self, split: str) -> dict[str, float]:
        """The figures by the names under which they are logged."""
        return {f"{split}/error": self.error, f"{split}/loss": self.loss}


@torch.no_grad()
def evaluate(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], loss: Callable[[Tensor, Tensor], Tensor]) -> ClassificationReport:
    """Score every sample in evaluation mode; the model's mode is put back afterwards.

    Args:
        model: Takes a batch of inputs to scores.
        batches: The split, in batches of (input, label).
        loss: The mean loss of a batch.
    """
    scores, labels = [], []
    with evaluating(model):
        for x, label in batches:
            scores.append(model(x).cpu())
            labels.append(label.cpu())
    score, label = torch.cat(scores), torch.cat(labels)
    return ClassificationReport(score, label, float(loss(score.double(), label)))
