import math

import pytest
import torch
from torch import nn

from zoo.metrics.transduction import evaluate_transduction, join, score_batch


def test_only_what_is_asked_counts():
    target = torch.tensor([[[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])
    logit = torch.tensor([[[-9.0, 9.0], [9.0, -9.0], [0.0, 99.0]]])
    score = score_batch(logit, target, torch.tensor([False, True, True]))
    assert score.wrong.tolist() == [1.0]
    wrong_bit, open_bit = math.log2(1 + math.exp(9)), 1.0
    assert score.bits.item() == pytest.approx(wrong_bit + open_bit + math.log2(1 + math.exp(-9)), rel=1e-5)
    assert score.ended.tolist() == [0.0]


def test_figures_are_means_over_sequences():
    asked = torch.tensor([True])
    right, wrong = (score_batch(torch.tensor([[[logit]]]), torch.tensor([[[1.0]]]), asked) for logit in (50.0, -50.0))
    figures = join([right, wrong]).figures("test")
    assert figures["test/wrong_bits"] == 0.5
    assert figures["test/error"] == 0.5
    assert figures["test/bits"] == pytest.approx(50 / math.log(2) / 2)


def test_pieces_of_a_batch_give_what_the_whole_gives():
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    batch = torch.randn(7, 5, 3), torch.randint(2, (7, 5, 2)).float(), torch.tensor([False, True, True, False, True])
    (pieces,), (whole,) = evaluate_transduction(model, [batch], at_once=2), evaluate_transduction(model, [batch])
    torch.testing.assert_close(pieces.bits, whole.bits)
    assert model.training
    assert model.weight.dtype == torch.float32, "a copy answered"


def test_figures_are_of_double_precision():
    """So that they are the same wherever they are measured: 1 + 1e-9 is 1 in single precision."""

    class Fine(nn.Module):
        def forward(self, x):
            return (1 + 1e-9 * x - 1) * 1e9

    model, x, asked = Fine(), torch.ones(1, 1, 1), torch.tensor([True])
    assert model(x).item() == 0
    ((score,),) = ([each.bits for each in evaluate_transduction(model, [(x, x, asked)])],)
    assert score.item() == pytest.approx(math.log2(1 + math.exp(-1)), rel=1e-5)
