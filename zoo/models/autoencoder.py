"""The deep autoencoder, of any widths.

Sizes in shapes: B batch, V inputs, K units of the code.

Reference: Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science 2006. Differs from it
in that a code that comes from a stack of RBMs is made of sigmoid units, as all hidden units of those are binary; the paper's
top machine has Gaussian hidden units and so a linear code.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError, check_range
from zoo.layers.activation import Sigmoid
from zoo.layers.initialization import lecun_normal_
from zoo.layers.linear import Linear
from zoo.registry import register_model


class DeepAutoencoder(nn.Module):
    """Sigmoid layers down to a short code, and their mirror image back to the input.

    Args:
        widths: Inputs V, then the units of each layer down to the code's K.
        code: What the code's units are.

    Raises:
        ZooError: Fewer than two widths, or one below 1.
    """

    def __init__(self, *, widths: Sequence[int] = (784, 1000, 500, 250, 30), code: Literal["linear", "sigmoid"] = "linear") -> None:
        super().__init__()
        if len(widths) < 2:
            raise ZooError(f"widths {tuple(widths)}: an autoencoder has inputs and at least a code")
        check_range("the smallest of the widths", min(widths), least=1)
        self.encoder, self.decoder = _layers(widths), _layers(widths[::-1])
        if code == "sigmoid":
            self.encoder.append(Sigmoid())

    def forward(self, x: Float[Tensor, "B *V"]) -> Float[Tensor, "B _"]:
        """Scores (logits) of the reconstruction, in rows as long as the inputs."""
        return self.decoder(self.encoder(x.flatten(1)))

    @torch.no_grad()
    def reconstruct(self, x: Float[Tensor, "B *V"]) -> Float[Tensor, "B _"]:
        """The reconstruction, in rows with values in [0, 1]."""
        return self(x).sigmoid()


def _layers(widths: Sequence[int]) -> nn.Sequential:
    """Linear layers with sigmoids between them."""
    layers = nn.Sequential()
    for fan_in, fan_out in pairwise(widths):
        layer = Linear(fan_in, fan_out)
        lecun_normal_(layer)
        layers.extend([Sigmoid(), layer] if len(layers) else [layer])
    return layers


@register_model(example=lambda *, widths=(784,), **_: torch.zeros(2, widths[0]))
def autoencoder(*, widths: Sequence[int] = (784, 1000, 500, 250, 30), code: Literal["linear", "sigmoid"] = "linear") -> DeepAutoencoder:
    """A deep autoencoder: 784-1000-500-250-30 and back unless told otherwise. Its output are logits."""
    return DeepAutoencoder(widths=tuple(widths), code=code)
