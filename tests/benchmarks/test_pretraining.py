import math
import statistics

import pytest
import torch

from zoo.benchmarks import labelled_problems, pretraining
from zoo.data.sets import Labelled
from zoo.data.speech_windows import Scale, Windows
from zoo.data.spoken_digits import SpokenDigits


@pytest.fixture
def problem(monkeypatch):
    """Two classes of patterns with noise; the error counts in sixteenths."""
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(400) % 2
    pattern = torch.tensor([[0.9] * 8 + [0.1] * 8, [0.1] * 8 + [0.9] * 8])[label]
    data = Labelled((torch.rand(400, 16, generator=generator) < pattern).float(), label)
    problem = labelled_problems.Problem(
        widths=(16, 12, 12),
        gaussian=False,
        all=data,
        draw=lambda generator: data.subset(labelled_problems._few_of_each(label, count=2, generator=generator)),
        validation=labelled_problems._error_on(data),
        test=labelled_problems._error_on(data),
        batch_size=4,
        epochs=20,
    )
    monkeypatch.setattr(labelled_problems, "_pictures", lambda root: problem)
    monkeypatch.setattr(pretraining, "_RATES", (1e-3, 1e-2))
    return problem


def test_both_sides_are_measured_on_every_drawing(problem):
    figures = pretraining.compare_pretraining("mnist", draws=3, machine_epochs=5)
    random, pretrained = figures["test error from random weights"], figures["test error, pre-trained"]
    gain = figures["lowered by"]
    whole = statistics.mean(random[f"drawing {number}"] for number in (1, 2, 3))
    for number in (1, 2, 3):
        expected = (random[f"drawing {number}"] - pretrained[f"drawing {number}"]) / whole
        assert gain[f"drawing {number}"] == expected
    values = [gain[f"drawing {number}"] for number in (1, 2, 3)]
    assert gain["mean"] == pytest.approx(statistics.mean(values))
    reach = 4.303 * statistics.stdev(values) / math.sqrt(3)  # Student's t with two degrees of freedom, 97.5 %
    assert gain["95 % interval from"] == pytest.approx(gain["mean"] - reach, abs=1e-3)
    assert gain["95 % interval to"] == pytest.approx(gain["mean"] + reach, abs=1e-3)
    assert {random["learning rate"], pretrained["learning rate"]} <= {1e-3, 1e-2}


def test_a_tenth_of_the_recordings_of_every_digit_is_drawn_whole(monkeypatch):
    recording = torch.arange(200).repeat_interleave(2)  # twenty of each digit, of two windows
    train = Windows(Labelled(recording[:, None].float(), recording % 10), recording)
    digits = SpokenDigits(train, train, train, Scale(torch.zeros(1), torch.ones(1)))
    monkeypatch.setattr(labelled_problems, "build_spoken_digits", lambda options: digits)
    few = labelled_problems.read_problem("fsdd", "few", root=None).draw(torch.Generator().manual_seed(0))
    assert few.label.bincount().tolist() == [4] * 10
    assert few.input[:, 0].unique(return_counts=True)[1].tolist() == [2] * 20


def test_a_drawing_has_as_many_of_each_class(problem):
    few = problem.draw(torch.Generator().manual_seed(1))
    assert few.label.bincount().tolist() == [2, 2]
    assert not torch.equal(few.input, problem.draw(torch.Generator().manual_seed(2)).input)


def test_all_labels_are_all_labels(problem):
    assert labelled_problems.read_problem("mnist", "all", root=None).draw(torch.Generator()) is problem.all
    figures = pretraining.compare_pretraining("mnist", "all", draws=2, machine_epochs=1)
    assert set(figures["lowered by"]) >= {"drawing 1", "drawing 2", "mean"}
