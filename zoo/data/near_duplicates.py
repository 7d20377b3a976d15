"""Validation programs that are nearly in the training set: handed-in copies with other names, other spaces, a line more."""

from collections.abc import Callable

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from zoo.data.source_code import Texts
from zoo.metrics.clones import read_tokens

_RUN = 7  # tokens
LIKENESS = 0.8
"""Share of their runs of seven tokens, names set aside, in which two programs agree to be near-duplicates."""


def near_duplicates(train: Texts, validation: Texts, *, likeness: float = LIKENESS) -> np.ndarray:
    """Which validation programs have a near-duplicate among the training programs for the same problem.

    Args:
        train: Programs in C.
        validation: Likewise.
        likeness: Least share (Jaccard) of common runs of tokens.
    """
    found = np.zeros(len(validation), dtype=bool)
    ours, theirs = np.array(train.problem or [0] * len(train)), np.array(validation.problem or [0] * len(validation))
    for problem in np.unique(theirs):
        known, asked = np.flatnonzero(ours == problem), np.flatnonzero(theirs == problem)
        if len(known):
            pick = _runs([train.text[each] for each in known], [validation.text[each] for each in asked])
            found[asked] = pick >= likeness
    return found


def _runs(train: list[str], validation: list[str]) -> np.ndarray:
    """For each validation program the greatest likeness to a training program."""
    analyzer: Callable[[str], list[str]] = _shingles
    count = CountVectorizer(analyzer=analyzer, binary=True, dtype=np.int32).fit_transform([*train, *validation])
    known, asked = count[: len(train)], count[len(train) :]
    common = (asked @ known.T).toarray()
    size = np.asarray(count.sum(1)).ravel()
    return (common / np.maximum(size[len(train) :, None] + size[None, : len(train)] - common, 1)).max(1)


def _shingles(program: str) -> list[str]:
    kinds = read_tokens(program).kinds
    return [kinds[start : start + _RUN] for start in range(max(len(kinds) - _RUN + 1, 1))]
