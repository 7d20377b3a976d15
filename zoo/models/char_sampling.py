"""Writing texts with a character network, one symbol after the other.

Sizes in shapes: B texts side by side, V symbols of the vocabulary, L layers, H hidden units, E features of a character, T of a prompt.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from zoo.errors import ZooError, check_range
from zoo.layers.lstm import LSTM
from zoo.models.char_lstm import CharLSTM
from zoo.models.vocabulary import END, START

_COLDEST = 1e-20  # scores divided by less would overflow; the likeliest is drawn long before


@dataclass(frozen=True)
class Sampling:
    """How a symbol is drawn from the scores of all."""

    temperature: float = 0.6
    """What the scores are divided by: below 1 the likely become likelier; 0 takes the likeliest."""
    top_k: int = 0
    """Draw from so many of the likeliest symbols only; 0 for all."""
    top_p: float = 1.0
    """Draw from the fewest likeliest symbols that have so much probability together."""

    def __post_init__(self) -> None:
        check_range("--temperature", self.temperature, least=0)
        check_range("--top-k", self.top_k, least=0)
        if not 0 < self.top_p <= 1:
            raise ZooError(f"--top-p {self.top_p}: must be above 0 and at most 1")


def draw(scores: Float[Tensor, "B V"], sampling: Sampling, generator: torch.Generator) -> Int[Tensor, " B"]:
    """One symbol for every row; never the start mark, which no text holds."""
    scores = scores.index_fill(-1, torch.tensor([START], device=scores.device), -torch.inf)
    if sampling.temperature < _COLDEST:
        return scores.argmax(-1)
    probability = (scores / sampling.temperature).softmax(-1)
    if sampling.top_k or sampling.top_p < 1:
        probability = _only_likely(probability, sampling)
    height = probability.cumsum(-1)
    # Strictly below the total, so that rounding cannot find a place behind the last symbol.
    level = torch.rand(len(scores), 1, generator=generator, device=scores.device) * height[:, -1:] * (1 - 1e-6)
    return torch.searchsorted(height, level, right=True)[:, 0]


def _only_likely(probability: Float[Tensor, "B V"], sampling: Sampling) -> Float[Tensor, "B V"]:
    ordered, symbol = probability.sort(-1, descending=True)
    before = ordered.cumsum(-1) - ordered  # what the likelier ones have together
    ordered[before >= sampling.top_p] = 0
    if sampling.top_k:
        ordered[:, sampling.top_k :] = 0
    return torch.zeros_like(probability).scatter_(-1, symbol, ordered)


class Stepper:
    """A network that reads one symbol of every text at a time, with all that does not change worked out before.

    The first layer's product with a character's vector is a row of a table; every other layer takes one product a step, with its
    input and its own state side by side. Half the cost of a step through ``CharLSTM.read``, and the same scores.

    Args:
        model: In eval mode.
        problem: Which problem each text is for; None for a model that knows none.
        count: Texts side by side.
    """

    @torch.no_grad()
    def __init__(self, model: CharLSTM, problem: Int[Tensor, " B"] | None, *, count: int) -> None:
        recurrent = model.recurrent
        self._gated = isinstance(recurrent, LSTM)
        self._head = model.head
        self._weights, self._biases = [], []
        for layer, (weight_ih, weight_hh, bias_ih, bias_hh) in enumerate(recurrent.all_weights):
            weight = weight_hh if layer == 0 else torch.cat((weight_ih, weight_hh), 1)
            self._weights.append(weight.T.contiguous())
            self._biases.append(bias_ih + bias_hh)
        first = recurrent.all_weights[0][0]
        self._of_character = F.linear(model.embedding.weight, first, self._biases[0])
        vector = model.embed_problem(problem)
        self._of_problem = None if vector is None else F.linear(vector, first)
        size = recurrent.hidden_size
        # Each layer's input and state side by side; the first layer has only its state.
        self._inputs = [first.new_zeros(count, size * (1 if layer == 0 else 2)) for layer in range(recurrent.num_layers)]
        self._cells = [first.new_zeros(count, size) for _ in range(recurrent.num_layers)]

    @torch.no_grad()
    def step(self, character: Int[Tensor, " B"]) -> Float[Tensor, "B V"]:
        """Scores of the symbol after ``character``."""
        given = self._of_character[character]
        if self._of_problem is not None:
            given = given + self._of_problem
        size = self._cells[0].shape[1]
        for layer, (inputs, cell, weight) in enumerate(zip(self._inputs, self._cells, self._weights, strict=True)):
            z = torch.addmm(given if layer == 0 else self._biases[layer], inputs, weight)
            hidden = inputs[:, -size:]
            if self._gated:
                i, f, g, o = z.chunk(4, -1)
                torch.mul(o.sigmoid_(), cell.mul_(f.sigmoid_()).addcmul_(i.sigmoid_(), g.tanh_()).tanh(), out=hidden)
            else:
                torch.tanh(z, out=hidden)
            if layer + 1 < len(self._inputs):
                self._inputs[layer + 1][:, :size] = hidden
        return F.linear(hidden, self._head.weight, self._head.bias)

    def keep(self, rows: Int[Tensor, " K"]) -> None:
        """Go on with some of the texts."""
        self._inputs = [each[rows] for each in self._inputs]
        self._cells = [each[rows] for each in self._cells]
        if self._of_problem is not None:
            self._of_problem = self._of_problem[rows]


class Written(NamedTuple):
    """The next symbols."""

    text: Int[Tensor, " B"]
    """Which texts they are of: those that have not ended."""
    symbol: Int[Tensor, " B"]


@torch.no_grad()
def write(
    stepper: Stepper, prompt: Int[Tensor, " T"], *, count: int, most: int, sampling: Sampling, generator: torch.Generator
) -> Iterator[Written]:
    """Write texts side by side until all have ended.

    Args:
        stepper: At the beginning of ``count`` texts.
        prompt: What all begin with, without marks; it is not repeated.
        count: How many.
        most: Symbols after which a text is left as it is.
        sampling: How symbols are drawn.
        generator: Source of chance.

    Yields:
        The next symbol of every text that has not ended; the end mark is a text's last.
    """
    for symbol in [START, *prompt.tolist()]:
        scores = stepper.step(prompt.new_full((count,), symbol, dtype=torch.long))
    text = torch.arange(count, device=scores.device)
    for _ in range(most):
        drawn = draw(scores, sampling, generator)
        yield Written(text, drawn)
        going = (drawn != END).nonzero()[:, 0]
        if not len(going):
            return
        if len(going) < len(drawn):
            stepper.keep(going)
            text, drawn = text[going], drawn[going]
        scores = stepper.step(drawn)


def write_all(
    stepper: Stepper, prompt: Int[Tensor, " T"], *, count: int, most: int, sampling: Sampling, generator: torch.Generator
) -> list[Int[Tensor, " S"]]:
    """The same, each text's symbols together, without its end mark."""
    steps = list(write(stepper, prompt, count=count, most=most, sampling=sampling, generator=generator))
    text, symbol = torch.cat([step.text for step in steps]), torch.cat([step.symbol for step in steps])
    return [found[found != END] for found in (symbol[text == number] for number in range(count))]
