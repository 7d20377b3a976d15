"""From self-expression to clusters.

Sizes in shapes: N points, K clusters.
"""

import torch
from jaxtyping import Float, Int
from sklearn.cluster import KMeans
from torch import Tensor

_RESTARTS = 10


def spectral_labels(coefficient: Float[Tensor, "N N"], clusters: int, *, seed: int = 0) -> Int[Tensor, " N"]:
    """Cut the graph whose edges are the sizes of the coefficients, either way together, each point's scaled to at most 1.

    Args:
        coefficient: In row i the combination that makes point i.
        clusters: How many parts.
        seed: Of the k-means starts; where the clusters are clear, any gives the same parts.

    References:
        Ng, Jordan and Weiss, "On spectral clustering", NIPS 2001; Elhamifar and Vidal, "Sparse subspace clustering:
        algorithm, theory, and applications", IEEE TPAMI 2013, algorithm 1.
    """
    size = coefficient.detach().abs().double()
    tiny = torch.finfo(size.dtype).tiny
    size = size / size.amax(1, keepdim=True).clamp(min=tiny)
    affinity = size + size.mT
    shrink = affinity.sum(1).clamp(min=tiny).rsqrt()
    vectors = torch.linalg.eigh(shrink[:, None] * affinity * shrink).eigenvectors[:, -clusters:]
    direction = torch.nn.functional.normalize(vectors, dim=1)
    return torch.from_numpy(KMeans(clusters, n_init=_RESTARTS, random_state=seed).fit(direction.cpu().numpy()).labels_).long()
