import pytest
import torch

from zoo.benchmarks import few_labels
from zoo.data.sets import Labelled


@pytest.fixture
def problem(monkeypatch):
    """Two classes of patterns with noise; the error counts in sixteenths."""
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(400) % 2
    pattern = torch.tensor([[0.9] * 8 + [0.1] * 8, [0.1] * 8 + [0.9] * 8])[label]
    data = Labelled((torch.rand(400, 16, generator=generator) < pattern).float(), label)
    problem = few_labels._Problem(
        widths=(16, 12, 12),
        gaussian=False,
        all=data,
        draw=lambda generator: data.subset(few_labels._few_of_each(label, count=2, generator=generator)),
        validation=few_labels._error_on(data),
        test=few_labels._error_on(data),
        batch_size=4,
        epochs=20,
    )
    monkeypatch.setattr(few_labels, "_pictures", lambda root: problem)
    monkeypatch.setattr(few_labels, "_RATES", (1e-3, 1e-2))
    return problem


def test_both_sides_are_measured_on_every_drawing(problem):
    figures = few_labels.compare_few_labels("mnist", draws=3, machine_epochs=5)
    random, pretrained = figures["test error from random weights"], figures["test error, pre-trained"]
    gain = figures["lowered by"]
    for number in (1, 2, 3):
        expected = 1 - pretrained[f"drawing {number}"] / random[f"drawing {number}"]
        assert gain[f"drawing {number}"] == expected
    assert gain["interval from"] <= gain["mean"] <= gain["interval to"]


def test_a_drawing_has_as_many_of_each_class(problem):
    few = problem.draw(torch.Generator().manual_seed(1))
    assert few.label.bincount().tolist() == [2, 2]
    assert not torch.equal(few.input, problem.draw(torch.Generator().manual_seed(2)).input)
