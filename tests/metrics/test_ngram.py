import itertools
import math

import numpy as np
import pytest
import torch

from zoo.errors import ZooError
from zoo.metrics.ngram import _discounts, kneser_ney

START = 0


def _texts(*texts):
    return torch.tensor([code for text in texts for code in (START, *text)], dtype=torch.int16)


def _nats(train, text, order, symbols=4):
    return kneser_ney(train, _texts(text), start=START, symbols=symbols, orders=range(order, order + 1))[order] * len(text)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_probabilities_of_all_texts_of_one_length_sum_to_one(order):
    """Symbols 1 to 3 can come; the start mark keeps its share of the uniform distribution below, which is all that is missing."""
    train = _texts([1, 2, 1, 2, 3], [2, 2, 1], [1, 2, 3, 3, 3, 1], [1])
    total = sum(math.exp(-_nats(train, text, order)) for text in itertools.product(range(4), repeat=3) if START not in text)
    assert 0.6 < total < 1
    # The same with the uniform share of the start mark given to the others: exactly one.
    full = sum(math.exp(-_nats(train, [each + 1 for each in text], order, symbols=3)) for text in itertools.product(range(3), repeat=3))
    assert full == pytest.approx(1, abs=1e-9)


def test_two_grams_are_those_of_the_formula():
    """Worked out by hand with the discount 1/2 that few texts get: p(2 | 1) after 1 2, 1 2, 1 3."""
    train = _texts([1, 2, 1, 2, 1, 3])
    # Different symbols after which each was seen: 1 after the start and 2; 2 after 1; 3 after 1.
    unigram = {}
    counts, total = {1: 2, 2: 1, 3: 1}, 4
    for symbol, count in counts.items():
        unigram[symbol] = (count - 0.5) / total + 0.5 * 3 / total / 4
    expected = (2 - 0.5) / 3 + 0.5 * 2 / 3 * unigram[2]
    at_start = (1 - 0.5) / 1 + 0.5 * unigram[1]
    assert _nats(train, [1, 2], 2) == pytest.approx(-math.log(at_start) - math.log(expected))


def test_what_was_never_seen_has_a_probability_all_the_same():
    assert _nats(_texts([1, 1, 1, 2]), [3, 3, 3], 4) < math.inf


def test_an_order_longer_than_the_text_adds_nothing():
    train = _texts([1, 1, 1, 2], [3, 3, 1], [3, 1])
    assert _nats(train, [3, 3, 1], 4) == pytest.approx(_nats(train, [3, 3, 1], 9))


def test_what_repeats_is_learnt_by_long_n_grams():
    cycle = [1, 1, 2, 1, 3, 2] * 50
    found = kneser_ney(_texts(cycle), _texts(cycle), start=START, symbols=4, orders=range(1, 7))
    assert found[1] > found[2] > found[4]
    assert found[6] < 0.05


def test_discounts_are_chen_and_goodmans():
    """Equation (26) with n1 = 4, n2 = 3, n3 = 2, n4 = 1, and counts above 4 that are none of these: Y = 4 / (4 + 6)."""
    counts = np.array([1] * 4 + [2] * 3 + [3] * 2 + [4] + [5, 7, 9])
    y = 0.4
    np.testing.assert_allclose(_discounts(counts), [0, 1 - 2 * y * 3 / 4, 2 - 3 * y * 2 / 3, 3 - 4 * y * 1 / 2])


def test_an_order_below_one_is_refused():
    with pytest.raises(ZooError, match="order of an n-gram 0"):
        kneser_ney(_texts([1]), _texts([1]), start=START, symbols=4, orders=range(3))
