"""A character-level recurrent network, such as the slides' that writes C programs; it learns other texts as well.

Sizes in shapes: B batch, T characters, V symbols of the vocabulary, L layers, H hidden units.

Reference: slides D0:331-431, D1:60-160 (Figure 2-3), after Mou et al., "On End-to-End Program Generation from User Intention by Deep
Neural Networks", 2015; D0:1229-1322 for the networks. Differs from what the slides show in that

- where texts are for problems, a learnt vector of the problem is added to that of every character, so that one can be asked for;
- the forget gates start open (bias 1), after Gers et al., Neural Computation 2000.
"""

from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from zoo.errors import ZooError, check_range
from zoo.functions.lstm import LSTMTrace
from zoo.layers.embedding import Embedding
from zoo.layers.linear import Linear
from zoo.layers.lstm import LSTM
from zoo.layers.rnn import RNN
from zoo.registry import register_model

State = tuple[Float[Tensor, "L _ H"], ...]
"""What is carried from one piece of a text to the next: hidden and cell state of an LSTM, hidden state of a plain network."""

_CELLS: dict[str, type[LSTM] | type[RNN]] = {"lstm": LSTM, "rnn": RNN}

IGNORED = -1
"""Target of a place after a text's end mark."""


class Window(NamedTuple):
    """A piece of some texts."""

    source: Int[Tensor, "B T"]
    target: Int[Tensor, "B T"]
    """The symbol after each; ``IGNORED`` after the end mark."""
    problem: Int[Tensor, " B"] | None
    begins: bool
    """Whether the texts begin here: otherwise these are the first B rows of the window before, a piece further on."""
    weight: float
    """Symbols to predict, as a share of those of a full window: so that each counts the same in training."""


class CharLSTM(nn.Module):
    """Reads characters and says, after each, how likely every symbol is to be the next.

    Args:
        characters: Symbols of the vocabulary, marks included.
        hidden: Units of each layer.
        layers: Recurrent layers, 1 to 3.
        embedding: Length of a character's vector.
        problems: Problems that a text may be for; 0 for texts that are for none.
        dropout: Share of the activations dropped before, between and after the layers, while training.
        cell: Long short-term memory, or the plain tanh network that forgets (slide Figure 2-29).

    Raises:
        ZooError: A number is out of range, or there is no such cell.
    """

    def __init__(
        self,
        *,
        characters: int = 100,
        hidden: int = 256,
        layers: int = 1,
        embedding: int = 64,
        problems: int = 0,
        dropout: float = 0.0,
        cell: Literal["lstm", "rnn"] = "lstm",
    ) -> None:
        super().__init__()
        check_range("layers", layers, least=1, below=4)
        check_range("dropout", dropout, least=0, below=1)
        check_range("problems", problems, least=0)
        for name, value in {"characters": characters, "hidden": hidden, "embedding": embedding}.items():
            check_range(name, value, least=1)
        self.embedding = Embedding(characters, embedding)
        self.problem = Embedding(problems, embedding) if problems else None
        if cell not in _CELLS:
            raise ZooError(f"there is no cell {cell!r}; there are {', '.join(_CELLS)}")
        self.recurrent = _CELLS[cell](embedding, hidden, num_layers=layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)
        self.head = Linear(hidden, characters)
        self.dropout = dropout
        self._initialize()

    def _initialize(self) -> None:
        for table in (self.embedding, self.problem):
            if table is not None:
                nn.init.normal_(table.weight, std=0.5)
        if isinstance(self.recurrent, LSTM):
            for _, _, bias, _ in self.recurrent.all_weights:
                nn.init.ones_(bias[self.recurrent.hidden_size : 2 * self.recurrent.hidden_size])

    def forward(self, character: Int[Tensor, "B T"], problem: Int[Tensor, " B"] | None = None) -> Float[Tensor, "B T V"]:
        """Scores (logits) of the symbol after each character, from the beginning of a text."""
        return self.read(character, problem)[0]

    def read(
        self, character: Int[Tensor, "B T"], problem: Int[Tensor, " B"] | None = None, state: State | None = None
    ) -> tuple[Float[Tensor, "B T V"], State]:
        """The same for a piece of a text, from the state after the piece before it.

        Args:
            character: Numbers of the vocabulary.
            problem: Which problem each text is for, counted from 0.
            state: None at the beginning of a text.

        Raises:
            ZooError: A problem is missing, or given to a model that knows none.
        """
        x = F.dropout(self.embed(character, problem), self.dropout, self.training)
        if isinstance(self.recurrent, LSTM):
            y, state = self.recurrent(x, state)
        else:
            y, h = self.recurrent(x, None if state is None else state[0])
            state = (h,)
        return self.head(F.dropout(y, self.dropout, self.training)), state

    def embed(self, character: Int[Tensor, "B T"], problem: Int[Tensor, " B"] | None) -> Float[Tensor, "B T E"]:
        """What the first layer reads: the vectors of characters, each with that of the problem."""
        x, y = self.embedding(character), self.embed_problem(problem)
        return x if y is None else x + y[:, None]

    def embed_problem(self, problem: Int[Tensor, " B"] | None) -> Float[Tensor, "B E"] | None:
        """The vectors of problems; None for a model that knows none.

        Raises:
            ZooError: A problem is missing, or given to such a model.
        """
        if self.problem is None:
            if problem is not None:
                raise ZooError("the model knows no problems; give none")
            return None
        if problem is None:
            raise ZooError(f"the model wants the problem of every text, 0 to {self.problem.num_embeddings - 1}")
        return self.problem(problem)

    def reset_head(self, num_classes: int) -> None:
        """Put a fresh map to ``num_classes`` scores on the last layer."""
        self.head = Linear(self.recurrent.hidden_size, num_classes)

    @torch.no_grad()
    def trace(self, character: Int[Tensor, "B T"], problem: Int[Tensor, " B"] | None = None) -> list[LSTMTrace]:
        """Gates and cell states after each character, layer by layer, steps first.

        Raises:
            ZooError: A plain network has no gates.
        """
        if not isinstance(self.recurrent, LSTM):
            raise ZooError("a plain recurrent network has no gates to trace; use cell='lstm'")
        return self.recurrent.trace(self.embed(character, problem))


@register_model(example=lambda *, characters=100, **_: torch.arange(24).view(2, 12) % characters, sequences=True)
def char_lstm(
    *,
    characters: int = 100,
    hidden: int = 256,
    layers: int = 1,
    embedding: int = 64,
    problems: int = 0,
    dropout: float = 0.0,
    cell: Literal["lstm", "rnn"] = "lstm",
) -> CharLSTM:
    """A recurrent language model of characters, for programs and other texts."""
    return CharLSTM(characters=characters, hidden=hidden, layers=layers, embedding=embedding, problems=problems, dropout=dropout, cell=cell)
