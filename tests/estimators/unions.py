"""Small unions of subspaces that fill their space, on which a low rank says nothing."""

import numpy as np

from zoo.data.completion import Gapped, draw_gapped
from zoo.data.completion_options import SubspaceOptions

SMALL = SubspaceOptions(subspaces=8, rank=3, dimensions=24, points=15, missing=0.15)
STEPS = 100


def small_union(seed: int = 0) -> Gapped:
    return draw_gapped(SMALL, seed=seed)


def with_nan(gapped: Gapped) -> np.ndarray:
    return np.where(gapped.observed.numpy(), gapped.points.numpy(), np.float32(np.nan))


def error_of(completed: np.ndarray, gapped: Gapped) -> float:
    gaps = ~gapped.observed.numpy()
    truth = gapped.points.numpy()[gaps]
    return float(np.linalg.norm(completed[gaps] - truth) / np.linalg.norm(truth))
