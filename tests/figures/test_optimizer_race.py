import torch

from zoo.figures.optimizer_race import optimizer_race


def test_every_optimiser_has_its_median_and_one_that_diverges_leaves_the_others_in_sight():
    fine = torch.logspace(0, -2, 11)[:, None] * torch.tensor([0.5, 1.0, 2.0])
    lost = fine.clone()
    lost[5:] = torch.nan
    (axes,) = optimizer_race({"learned": fine, "SGD": lost}, title="problems").axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["learned", "SGD"]
    assert axes.lines[0].get_ydata()[-1] == torch.tensor(0.01, dtype=torch.float32).item()
    bottom, top = axes.get_ylim()
    assert bottom < 0.01 < 1 < top < 10


def test_the_band_holds_the_middle_half():
    curve = torch.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]).repeat(3, 1)
    (axes,) = optimizer_race({"learned": curve}, title="problems").axes
    height = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert {*height.tolist()} == {2.0, 4.0}
    assert axes.get_legend().get_title().get_text() == "median of 5, middle half"
