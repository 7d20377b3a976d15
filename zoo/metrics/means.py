"""Means over seeds, and how sure they are."""

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from zoo.errors import ZooError

_CONFIDENCE = 0.975  # of each end


class Mean(NamedTuple):
    """A mean with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def mean_interval(values: Sequence[float]) -> Mean:
    """The mean and Student's interval of it.

    Args:
        values: One number a seed, two at least. Give the differences of two contenders that were measured on the same seeds, and not
            two sets.

    Raises:
        ZooError: There are fewer than two.
    """
    if len(values) < 2:
        raise ZooError(f"{len(values)} value{'s' * (len(values) != 1)}: an interval needs two at least")
    from scipy.stats import t  # comes with scikit-learn

    mean = statistics.mean(values)
    reach = float(t.ppf(_CONFIDENCE, len(values) - 1)) * statistics.stdev(values) / math.sqrt(len(values))
    return Mean(mean, mean - reach, mean + reach)
