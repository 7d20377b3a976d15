import pytest
import torch
from torch import nn

from zoo.functions.cross_entropy import cross_entropy
from zoo.metrics.classification import ClassificationReport, evaluate

SCORE = torch.tensor([[2.0, 0.0], [0.0, 1.0], [3.0, 0.0], [0.0, 0.5]])
LABEL = torch.tensor([0, 0, 1, 1])
REPORT = ClassificationReport(SCORE, LABEL, 0.25)


def test_error_is_the_share_of_wrong_argmaxes():
    assert REPORT.error == 0.5
    assert REPORT.metrics("test") == {"test/error": 0.5, "test/loss": 0.25}


def test_confusion_has_true_classes_in_rows():
    assert REPORT.confusion.tolist() == [[1, 1], [1, 1]]


def test_the_most_confident_mistakes_come_first_and_right_answers_never():
    assert REPORT.worst(5).tolist() == [2, 1]
    assert REPORT.worst(1).tolist() == [2]


def test_evaluate_does_not_depend_on_the_batches_and_puts_the_mode_back():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5))
    x, label = torch.randn(10, 3), torch.arange(10) % 2
    whole = evaluate(model, [(x, label)], cross_entropy)
    parts = evaluate(model, list(zip(x.split(3), label.split(3), strict=True)), cross_entropy)
    assert model.training
    assert whole.loss == pytest.approx(parts.loss, abs=1e-6)
    assert torch.allclose(whole.score, parts.score)
