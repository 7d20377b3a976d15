import pytest
import torch

import zoo
from zoo.figures.canvas import save
from zoo.figures.classification import confusion_matrix, decision_boundary, first_filters, worst_mistakes


def _texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_a_confusion_matrix_writes_its_counts():
    figure = confusion_matrix(torch.tensor([[5, 1], [0, 7]]), ["cat", "dog"])
    assert sorted(_texts(figure)) == ["1", "5", "7"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["cat", "dog"]


def test_many_classes_are_drawn_without_numbers():
    assert _texts(confusion_matrix(torch.eye(30, dtype=torch.long), [str(n) for n in range(30)])) == []


@pytest.mark.parametrize(("arch", "shape"), [("lenet5", (6, 6 * 6)), ("mlp", (8 * 29, 8 * 29))])
def test_first_filters_are_pictures_side_by_side(arch, shape):
    sheet = first_filters(zoo.get_model(arch)).axes[0].images[0].get_array()
    assert sheet.shape == shape
    assert abs(sheet).max() == pytest.approx(1)


def test_weights_that_are_no_pictures_are_not_drawn():
    assert first_filters(zoo.get_model("mlp", inputs=2)) is None


def test_mistakes_are_titled(tmp_path):
    figure = worst_mistakes(torch.rand(3, 28, 28), ["a", "b", "c"])
    assert _texts(figure) == ["a", "b", "c"]
    save(figure, tmp_path / "inner/mistakes.png")
    assert (tmp_path / "inner/mistakes.png").read_bytes().startswith(b"\x89PNG")


def test_names_of_classes_are_no_formulas(tmp_path):
    names = ["$_$", "$x^2$"]
    save(confusion_matrix(torch.eye(2, dtype=torch.long), names), tmp_path / "a.png")
    save(worst_mistakes(torch.zeros(2, 4, 4), names), tmp_path / "b.png")


def test_a_decision_boundary_shows_both_classes():
    model = zoo.get_model("mlp", inputs=2, widths=(3,), num_classes=2)
    figure = decision_boundary(model, torch.randn(20, 2), torch.arange(20) % 2, ["up", "down"])
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["up", "down"]
