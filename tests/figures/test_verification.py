import torch

from zoo.figures.verification import cmc_curve, plane, roc_curve


def test_a_roc_curve_runs_over_the_shares():
    line = roc_curve(torch.tensor([0.0, 0.5, 1.0]), torch.tensor([0.0, 0.75, 1.0])).axes[0].lines[0]
    assert line.get_ydata().tolist() == [0.0, 0.75, 1.0]


def test_a_cmc_curve_begins_at_rank_one():
    line = cmc_curve(torch.tensor([0.2, 0.5])).axes[0].lines[0]
    assert list(line.get_xdata()) == [1, 2]


def test_the_plane_names_its_classes():
    figure = plane(torch.randn(20, 2), torch.arange(20) % 2, ["cat", "dog"])
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["cat", "dog"]
    assert len(figure.axes[0].lines[1].get_xdata()) == 10
