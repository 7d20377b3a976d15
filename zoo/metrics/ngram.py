r"""Character n-grams with Kneser-Ney smoothing: what language models were before neural ones (slide D4:1345-1356).

Sizes in shapes: L symbols of all texts one after the other, M of them to be predicted.

The model is interpolated and modified (three discounts an order): with counts ``c`` of a context ``h`` and the symbol ``w`` after it,

.. math:: p_n(w \mid h) = \frac{\max(c(hw) - D(c(hw)), 0)}{c(h)} + \frac{\sum_k D_k N_k(h)}{c(h)} \, p_{n-1}(w \mid h'),

where ``N_k(h)`` is the number of symbols seen k times after ``h`` (three or more together), ``h'`` is ``h`` without its first
symbol, and every order but the highest counts after how many different symbols an n-gram was seen, instead of how often; but for
those with which texts begin. ``p_0`` is uniform.

Reference: S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for language modeling", 1999, section 3.
"""

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from zoo.errors import check_range

Array = np.ndarray


def kneser_ney(train: Int[Tensor, " L1"], validation: Int[Tensor, " L2"], *, start: int, symbols: int, orders: range) -> dict[int, float]:
    """Nats a symbol of validation texts, for n-grams of several orders.

    Args:
        train: Texts one after the other, each beginning with the start mark.
        validation: The same.
        start: Number of the start mark: never predicted, and what comes before it does not count.
        symbols: Size of the vocabulary.
        orders: Which, from 1 on.

    Returns:
        By order, the mean of ``-log p`` over all validation symbols but the start marks.

    Raises:
        ZooError: An order is below 1.
    """
    check_range("the order of an n-gram", orders.start, least=1)
    code = torch.cat([train, validation]).numpy().astype(np.int64)
    place, predicted = np.arange(len(code)), code != start
    learnt, asked = predicted & (place < len(train)), predicted & (place >= len(train))
    began = np.maximum.accumulate(np.where(predicted, 0, place))  # where each place's text begins
    lower = np.full(int(asked.sum()), 1 / symbols)  # probabilities of the order below
    nats = {}
    shorter, gram = np.zeros(len(code), dtype=np.int64), _longer(np.zeros(len(code), dtype=np.int64), code)
    for order in range(1, orders.stop):
        longer = _longer(gram, code[np.maximum(place - order, began)])
        table = _Table(gram, np.concatenate([[0], shorter[:-1]]), learnt)
        short = (place - order + 1 < began)[asked]  # nothing stands there that the order below has not seen
        if order in orders:
            nats[order] = float(-np.log(np.where(short, lower, table.interpolate(table.raw, asked, lower))).mean())
        at_start = np.zeros(len(table.raw), dtype=bool)
        at_start[gram[place - order < began]] = True
        count = np.where(at_start, table.raw, _contexts(longer, gram, learnt))
        lower = np.where(short, lower, table.interpolate(count, asked, lower))
        shorter, gram = gram, longer
    return nats


def _longer(gram: Array, before: Array) -> Array:
    """Numbers for n-grams of the next order: those of this one, and the symbol before each."""
    return np.unique(gram * (int(before.max()) + 1) + before, return_inverse=True)[1]


def _contexts(longer: Array, gram: Array, learnt: Array) -> Array:
    """By n-gram, how many different symbols were seen before it."""
    suffix = np.full(int(longer.max()) + 1, -1)
    suffix[longer[learnt]] = gram[learnt]
    return np.bincount(suffix[suffix >= 0], minlength=int(gram.max()) + 1)


class _Table:
    """The n-grams of one order.

    Args:
        gram: The number of the n-gram that ends at each place.
        context: The number of what stands before each place.
        learnt: Which places are trained on.
    """

    def __init__(self, gram: Array, context: Array, learnt: Array) -> None:
        self._gram, self._context = gram, context
        self.raw = np.bincount(gram[learnt], minlength=int(gram.max()) + 1)
        """By n-gram, how often it was seen."""
        self._context_of = np.zeros(len(self.raw), dtype=np.int64)
        self._context_of[gram] = context

    def interpolate(self, count: Array, asked: Array, lower: Array) -> Array:
        """Probabilities of the symbols at the places that are asked for.

        Args:
            count: By n-gram: how often it was seen, or in how many contexts.
            asked: Which places.
            lower: Their probabilities by the order below.
        """
        contexts = int(self._context.max()) + 1
        discount = _discounts(count)
        total = np.bincount(self._context_of, weights=count, minlength=contexts)
        spared = np.bincount(self._context_of, weights=discount[np.minimum(count, 3)], minlength=contexts)
        mine, context = count[self._gram[asked]], self._context[asked]
        known = total[context] > 0
        share = (mine - discount[np.minimum(mine, 3)] + spared[context] * lower) / np.where(known, total[context], 1)
        return np.where(known, share, lower)


def _discounts(count: Array) -> Array:
    """What is taken off counts of 0, 1, 2, and 3 or more: 0 and Chen and Goodman's estimates, equation (26)."""
    n = np.bincount(np.minimum(count, 5), minlength=6).astype(float)
    if not n[1:5].all():
        return np.array([0, 0.5, 0.5, 0.5])  # too few texts to estimate from
    y = n[1] / (n[1] + 2 * n[2])
    return np.array([0, 1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]]).clip(min=0)
