"""Long short-term memory with the zoo's gradient.

Sizes in shapes: T steps, B batch, I input features, H hidden units, L layers; S1 and S2 are T and B, or with ``batch_first`` B and T.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.functions.lstm import LSTMTrace, lstm, trace_lstm
from zoo.functions.lstm_cell import lstm_cell
from zoo.layers.recurrent import first_state, time_first

States = tuple[Float[Tensor, "L _ H"], Float[Tensor, "L _ H"]]


class LSTMCell(nn.LSTMCell):
    """``nn.LSTMCell`` (with biases), on the zoo's own function; weights move both ways.

    Args:
        input_size: Number of input features.
        hidden_size: Number of hidden units.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)

    def forward(
        self, x: Float[Tensor, "B I"], state: tuple[Float[Tensor, "B H"], Float[Tensor, "B H"]] | None = None
    ) -> tuple[Float[Tensor, "B H"], Float[Tensor, "B H"]]:
        if x.dim() != 2 or x.shape[1] != self.input_size:
            raise ZooError(f"an input of shape {tuple(x.shape)}: must be batch x {self.input_size} features")
        zeros = x.new_zeros(len(x), self.hidden_size)
        h, c = (zeros, zeros) if state is None else state
        return lstm_cell(x, h, c, self.weight_ih, self.weight_hh, self.bias_ih + self.bias_hh)


class LSTM(nn.LSTM):
    """``nn.LSTM`` in one direction, with biases, on the zoo's own function; weights move both ways.

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
        self, x: Float[Tensor, "S1 S2 I"], state: States | None = None
    ) -> tuple[Float[Tensor, "S1 S2 H"], States]:
        """The top layer's hidden state of every step, and the last hidden and cell state of every layer.

        Raises:
            ZooError: The input or a state has the wrong shape; packed sequences are not taken.
        """
        x, h, c = self._time_first(x, state)
        last_h, last_c = [], []
        for layer in range(self.num_layers):
            if layer:
                x = F.dropout(x, self.dropout, self.training)
            x, h_n, c_n = lstm(x, h[layer], c[layer], *self._parameters_of(layer))
            last_h.append(h_n)
            last_c.append(c_n)
        return x.transpose(0, 1) if self.batch_first else x, (torch.stack(last_h), torch.stack(last_c))

    def trace(self, x: Float[Tensor, "S1 S2 I"], state: States | None = None) -> list[LSTMTrace]:
        """Gates and cell states of every step, layer by layer, without dropout; always time first.

        Raises:
            ZooError: As ``forward``.
        """
        x, h, c = self._time_first(x, state)
        traces = []
        for layer in range(self.num_layers):
            traces.append(trace_lstm(x, h[layer], c[layer], *self._parameters_of(layer)))
            x = traces[-1].output
        return traces

    def _parameters_of(self, layer: int) -> tuple[Tensor, Tensor, Tensor]:
        weight_ih, weight_hh, bias_ih, bias_hh = self.all_weights[layer]
        return weight_ih, weight_hh, bias_ih + bias_hh

    def _time_first(self, x: Tensor, state: States | None) -> tuple[Tensor, Tensor, Tensor]:
        x, (h, c) = time_first(self, x), (None, None) if state is None else state
        return x, first_state(self, x, h, name="hidden"), first_state(self, x, c, name="cell")
