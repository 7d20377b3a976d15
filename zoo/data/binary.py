"""Grey pictures as binary ones, which is what the likelihood of a binary machine is of.

Sizes in shapes: N pictures.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.data.counter_random import uniform
from zoo.data.sets import Labelled

_SEED = 2008
_CHUNK = 1000  # pictures whose random numbers are held at once


def binarize(split: Labelled, *, part: int) -> Labelled:
    """Draw every pixel once, on with its share of ink as the probability: the same pictures in every run.

    Args:
        split: Pictures with values in [0, 1].
        part: A number for each part of the data, which has draws of its own.

    References:
        Salakhutdinov and Murray, ICML 2008, whose figures for MNIST are of pictures made so.
    """
    return Labelled(_drawn(split.input, part), split.label)


def _drawn(share: Float[Tensor, "N *shape"], part: int) -> Float[Tensor, "N *shape"]:
    binary = torch.empty_like(share)
    for index in torch.arange(len(share)).split(_CHUNK):
        noise = uniform(index, count=share[0].numel(), seed=_SEED, epoch=part)
        binary[index] = (noise.view(share[index].shape) < share[index]).to(share.dtype)
    return binary
