import torch

from zoo.figures.language import gate_picture, recall_picture, unit_traces
from zoo.models.char_lstm import CharLSTM


def _trace(text):
    torch.manual_seed(0)
    return CharLSTM(characters=10, hidden=6, embedding=4).trace(torch.arange(len(text))[None])[0]


def test_every_gate_is_drawn_with_the_text_below():
    text = ["", "a", "\n", "\t", " "]
    figure = gate_picture(_trace(text), text)
    assert [axes.get_ylabel() for axes in figure.axes] == ["input gate, unit", "forget gate, unit", "output gate, unit"]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["•", "a", "↵", "→", "␣"]
    assert figure.axes[1].images[0].get_array().shape == (6, 5)


def test_the_units_that_vary_most_are_drawn():
    text = list("abcde")
    trace = _trace(text)
    figure = unit_traces(trace, text, units=2)
    most = trace.cell[:, 0].tanh().var(0).topk(2).indices.tolist()
    assert [axes.get_yticklabels()[0].get_text() for axes in figure.axes] == [f"unit {unit}" for unit in most]


def test_recall_is_drawn_by_length_and_by_lag():
    figure = recall_picture({"plain": {2: 1.0, 9: 0.1}}, {"plain": torch.tensor([1.0, 0.1, 0.0])}, chance=0.1)
    left, right = figure.axes
    assert list(left.lines[0].get_ydata()) == [100, 10]
    assert list(right.lines[0].get_xdata()) == [0, 1, 2]
