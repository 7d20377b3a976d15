"""How well a model answers with sequences of bits.

Sizes in shapes: B batch, T steps, O outputs, N sequences.
"""

import copy
import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn
from tqdm import tqdm


@dataclass(frozen=True)
class TransductionScore:
    """What was found for each of N sequences."""

    bits: Float[Tensor, " N"]
    """Cross-entropy of the answer, in bits: the paper's unit."""
    wrong: Float[Tensor, " N"]
    """Bits of the answer that rounding gets wrong."""
    ended: Float[Tensor, " N"]
    """One where the last output is right at every step that is asked, as an end mark is to be."""

    @property
    def exact(self) -> float:
        """Share of the sequences without an error."""
        return float((self.wrong == 0).double().mean())

    def figures(self, split: str) -> dict[str, float]:
        """Bits and wrong bits a sequence, and the share of sequences with an error, as recipes record them."""
        bits, wrong = float(self.bits.double().mean()), float(self.wrong.double().mean())
        return {f"{split}/bits": bits, f"{split}/wrong_bits": wrong, f"{split}/error": 1 - self.exact}


def score_batch(logit: Float[Tensor, "B T O"], target: Float[Tensor, "B T O"], asked: Bool[Tensor, " T"]) -> TransductionScore:
    """Compare logits with the bits that were asked."""
    logit, target = logit[:, asked], target[:, asked]
    bits = F.binary_cross_entropy_with_logits(logit, target, reduction="none").sum((1, 2)) / math.log(2)
    wrong = (logit > 0) != (target > 0.5)
    return TransductionScore(bits, wrong.sum((1, 2)).float(), (~wrong[..., -1].any(1)).float())


def join(scores: Iterable[TransductionScore]) -> TransductionScore:
    """The scores of several batches as one."""
    parts = [(score.bits, score.wrong, score.ended) for score in scores]
    return TransductionScore(*(torch.cat(each) for each in zip(*parts, strict=True)))


@torch.no_grad()
def evaluate_transduction(
    model: nn.Module, batches: Iterable[tuple[Tensor, Tensor, Tensor]], *, at_once: int = 25
) -> list[TransductionScore]:
    """A score for each batch, of a copy of the model in eval mode and in double precision, with a progress bar on a terminal.

    In single precision, a machine that fails far beyond its training says after hundreds of steps what depends on how the processor
    rounds; no other machine would measure the same.

    Args:
        model: From inputs to logits.
        batches: Inputs, targets, and at which steps they are asked.
        at_once: Sequences in memory; a machine keeps its memory at every step.
    """
    exact = copy.deepcopy(model).double().eval()
    return [
        join(score_batch(exact(part.double()), answer.double(), asked) for part, answer in _parts(x, target, at_once))
        for x, target, asked in tqdm(batches, desc="measuring", leave=False, disable=None)
    ]


def _parts(x: Tensor, target: Tensor, size: int) -> Iterable[tuple[Tensor, Tensor]]:
    return zip(x.split(size), target.split(size), strict=True)
