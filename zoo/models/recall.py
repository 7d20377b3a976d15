"""A plain recurrent network and an LSTM side by side on the same sequences: which of them remembers?

Sizes in shapes: B batch, T steps, V symbols, K keys.

Reference: the long-term dependency problem of slides D0:1229-1256 (Figures 2-28 and 2-29), as a task: Hochreiter and Schmidhuber,
"Long short-term memory", Neural Computation 1997, section 5; Bengio, Simard and Frasconi, "Learning long-term dependencies with
gradient descent is difficult", IEEE TNN 1994.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from zoo.models.char_lstm import CharLSTM
from zoo.registry import register_model

CELLS = {"plain": "plain network", "lstm": "LSTM"}
"""The networks by name, and as people call them."""
"""The two networks, in the order of the scores."""


class Recall(nn.Module):
    """Two networks of as many units that name, at a sequence's end, the symbol that stood at its beginning.

    Args:
        keys: Symbols that may stand there: 0 to K - 1.
        noise: Symbols that may come after: K to V - 1.
        hidden: Units of each network.
    """

    def __init__(self, *, keys: int = 8, noise: int = 8, hidden: int = 64) -> None:
        super().__init__()
        self.keys = keys
        sizes = {"characters": keys + noise, "hidden": hidden, "embedding": 32}
        self.plain, self.lstm = CharLSTM(**sizes, cell="rnn"), CharLSTM(**sizes, cell="lstm")
        for network in (self.plain, self.lstm):  # they need to name the keys alone
            network.reset_head(keys)

    def forward(self, symbol: Int[Tensor, "B T"]) -> Float[Tensor, "B 2 K"]:
        """Scores of the keys, by the plain network and by the LSTM."""
        return torch.stack([network(symbol)[:, -1] for network in (self.plain, self.lstm)], 1)

    def input_gradients(self, symbol: Int[Tensor, "B T"], key: Int[Tensor, " B"]) -> Float[Tensor, "2 T"]:
        """Norm of the gradient of each network's loss by its input at every step, averaged over sequences."""
        norms = []
        for network in (self.plain, self.lstm):
            x = network.embed(symbol, None).detach().requires_grad_()
            score = network.head(network.recurrent(x)[0][:, -1])
            loss = -score.log_softmax(-1).gather(1, key[:, None]).sum()
            norms.append(torch.autograd.grad(loss, x)[0].norm(dim=-1).mean(0))
        return torch.stack(norms)


@register_model(example=lambda **_: torch.arange(12).view(2, 6), sequences=True)
def recall(*, keys: int = 8, noise: int = 8, hidden: int = 64) -> Recall:
    """A plain recurrent network and an LSTM, to be compared on long sequences."""
    return Recall(keys=keys, noise=noise, hidden=hidden)
