"""Decisions on whole recordings from the scores of their windows.

Sizes in shapes: N windows, R recordings, C classes.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def recording_scores(score: Float[Tensor, "N C"], recording: Int[Tensor, " N"]) -> Float[Tensor, "R C"]:
    """Log-probabilities of each recording's classes, in nats, summed over its windows as if these were independent.

    Args:
        score: Scores (logits) of the windows.
        recording: Which recording each is from, counted from 0.
    """
    total = score.new_zeros(int(recording.max()) + 1, score.shape[1])
    return total.index_add_(0, recording, score.log_softmax(-1))


def recording_labels(label: Int[Tensor, " N"], recording: Int[Tensor, " N"]) -> Int[Tensor, " R"]:
    """The class of each recording, which all its windows have; those of one recording come one after the other."""
    first = torch.ones_like(recording, dtype=torch.bool)
    first[1:] = recording[1:] != recording[:-1]
    return label[first]
