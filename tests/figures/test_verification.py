import torch

from zoo.figures.verification import Plane, cmc_curve, plane_grid, roc_curve


def test_a_roc_curve_gives_the_largest_share_rightly_accepted_with_no_more_wrongly():
    line = roc_curve(torch.tensor([0.0, 0.0, 0.5, 1.0]), torch.tensor([0.0, 0.25, 0.75, 1.0])).axes[0].lines[0]
    wrong, right = (torch.as_tensor(data) for data in line.get_data())
    assert right[wrong < 0.5].eq(0.25).all()
    assert right[(wrong > 0.5) & (wrong < 1)].eq(0.75).all()
    assert (wrong[-1], right[-1]) == (1, 1)


def test_a_roc_curve_of_very_many_pairs_keeps_its_left_end():
    """Of 100,000 pairs all that belong together are accepted with three in 10,000 of the others: left of half the picture."""
    wrong, count = torch.linspace(0, 1, 100_001).double(), 100_001
    line = roc_curve(wrong, (torch.arange(count) >= 30).double()).axes[0].lines[0]
    share, right = (torch.as_tensor(data) for data in line.get_data())
    assert share[right == 1].min() < 3.1e-4


def test_a_cmc_curve_begins_at_rank_one():
    line = cmc_curve(torch.tensor([0.2, 0.5])).axes[0].lines[0]
    assert list(line.get_xdata()) == [1, 2]


def test_planes_stand_side_by_side_above_one_list_of_classes():
    planes = [Plane(torch.randn(20, 2), torch.arange(20) % 2, title) for title in ("a", "b", "c", "d")]
    figure = plane_grid(planes, ["cat", "dog"])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["cat", "dog"]
    assert [axes.get_title() for axes in figure.axes if axes.axison] == ["a", "b", "c", "d"]
    assert len(figure.axes[3].lines[1].get_xdata()) == 10
