"""Networks that start at the weights of a stack of restricted Boltzmann machines.

References:
    ``dbnunfoldtonn``: MATHS.md (22), whose ``nn.W = [c W]`` are these biases and weights; Hinton and Salakhutdinov, "Reducing the
    dimensionality of data with neural networks", Science 2006, figure 1.
"""

from collections.abc import Sequence

import torch
from torch import nn

from zoo.errors import ZooError
from zoo.models.autoencoder import DeepAutoencoder
from zoo.models.mlp import MLP
from zoo.models.rbm import RBM


@torch.no_grad()
def start_classifier(network: MLP, machines: Sequence[RBM], *, label_units: int = 0) -> None:
    """Give a network the features of machines of the same widths; its scores start at the label units, if they are as many.

    With dropout the weights are copied as they are: its layers scale what they retain up by themselves, where Srivastava et al.
    scale pre-trained weights up by 1/p.

    Args:
        network: Of sigmoid layers as wide as the machines.
        machines: From the lowest up.
        label_units: How many of the top machine's visible units, the last, stand for classes.
    """
    top = machines[-1]
    _copy_up(machines, network.features)
    if label_units:
        # The network is not told the class, so that all label units are alike.
        features = _linear(network.features)[-1]
        features.bias.add_(top.weight[:, -label_units:].mean(1))
    if label_units == len(network.head.bias):
        network.head.weight.copy_(top.weight[:, -label_units:].mT)
        network.head.bias.copy_(top.visible_bias[-label_units:])


@torch.no_grad()
def start_autoencoder(network: DeepAutoencoder, machines: Sequence[RBM]) -> None:
    """Give the halves of an autoencoder the weights of machines of the same widths and their transposes.

    Raises:
        ZooError: Gaussian visible units: the autoencoder's outputs are probabilities.
    """
    if machines[0].gaussian:
        raise ZooError("the autoencoder's outputs are probabilities; unfold a stack with binary visible units")
    _copy_up(machines, network.encoder)
    for machine, layer in zip(reversed(machines), _linear(network.decoder), strict=True):
        layer.weight.copy_(machine.weight.mT)
        layer.bias.copy_(machine.visible_bias)


def _copy_up(machines: Sequence[RBM], layers: nn.Sequential) -> None:
    for machine, layer in zip(machines, _linear(layers), strict=True):
        layer.weight.copy_(machine.weight[:, : layer.weight.shape[1]])
        layer.bias.copy_(machine.hidden_bias)


def _linear(layers: nn.Sequential) -> list[nn.Linear]:
    return [layer for layer in layers if isinstance(layer, nn.Linear)]
