"""How weights start."""

import math

import torch
from torch import nn


def lecun_normal_(layer: nn.Linear | nn.Conv2d, *, gain: float = 1.0) -> None:
    """Weights of zero mean and standard deviation ``gain / sqrt(fan_in)``; biases zero.

    For inputs of unit variance the units' local fields then have a standard deviation of ``gain``, which
    is where a sigmoid turns from its linear to its saturated part (slide D3:322, erratum E53).

    References:
        LeCun et al., "Efficient BackProp", 1998, section 4.6.
    """
    fan_in = layer.weight[0].numel()
    with torch.no_grad():
        layer.weight.normal_(std=gain / math.sqrt(fan_in))
        if layer.bias is not None:
            layer.bias.zero_()
