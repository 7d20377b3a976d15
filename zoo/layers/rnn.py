"""A plain recurrent network, on the zoo's gradients.

Sizes in shapes: T steps, B batch, I input features, H hidden units, L layers; S1 and S2 are T and B, or with ``batch_first`` B and T.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from zoo.functions.linear import linear
from zoo.functions.tanh import tanh
from zoo.layers.recurrent import first_state, time_first


class RNN(nn.RNN):
    """``nn.RNN`` in one direction with tanh and biases: a loop over the zoo's functions; weights move both ways.

    Args:
        input_size: Number of input features.
        hidden_size: Number of hidden units of every layer.
        num_layers: Number of layers, each fed with the hidden states of the one below.
        batch_first: Whether inputs and outputs are batch x steps x features; states never are.
        dropout: Share of the hidden states that are dropped between layers, while training.
    """

    def __init__(self, input_size: int, hidden_size: int, *, num_layers: int = 1, batch_first: bool = False, dropout: float = 0.0) -> None:
        super().__init__(input_size, hidden_size, num_layers, batch_first=batch_first, dropout=dropout)

    def forward(  # type: ignore[override]  # no packed sequences
        self, x: Float[Tensor, "S1 S2 I"], state: Float[Tensor, "L _ H"] | None = None
    ) -> tuple[Float[Tensor, "S1 S2 H"], Float[Tensor, "L _ H"]]:
        """The top layer's state of every step, and the last state of every layer.

        Raises:
            ZooError: The input or the state has the wrong shape; packed sequences are not taken.

        References:
            Slide D0:1229-1256. MATHS.md (1) and (2) for the parts' gradients; autograd joins the steps.
        """
        x = time_first(self, x)
        last = []
        for layer, h in enumerate(first_state(self, x, state, name="hidden")):
            if layer:
                x = F.dropout(x, self.dropout, self.training)
            weight_ih, weight_hh, bias_ih, bias_hh = self.all_weights[layer]
            outputs = []
            for z in linear(x, weight_ih, bias_ih):
                h = tanh(z + linear(h, weight_hh, bias_hh))
                outputs.append(h)
            x = torch.stack(outputs)
            last.append(h)
        return x.transpose(0, 1) if self.batch_first else x, torch.stack(last)
