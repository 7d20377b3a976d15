import pytest
import torch

from zoo.figures.canvas import save
from zoo.figures.overlay import boxes_figure, overlay


@pytest.mark.parametrize("channels", [1, 3])
def test_each_map_lies_over_the_picture_with_its_contours_and_its_box(tmp_path, channels):
    image = torch.full((channels, 20, 30), 128, dtype=torch.uint8)
    maps = torch.rand(2, 20, 30, generator=torch.Generator().manual_seed(0))
    figure = overlay(image, maps, ["cat 90.0 %", "dog 5.0 %"], torch.tensor([[2, 3, 9, 12], [0, 0, 30, 20]]), name="a.png")
    assert [axes.get_title() for axes in figure.axes] == ["a.png", "cat 90.0 %", "dog 5.0 %"]
    assert [len(axes.images) for axes in figure.axes] == [1, 2, 2]
    box = figure.axes[1].patches[0].get_bbox()
    assert (box.x0, box.y0, box.x1, box.y1) == (1.5, 2.5, 8.5, 11.5)
    save(figure, tmp_path / "a.png")


@pytest.mark.parametrize("name", ["$_$", "$x^2$", "b\udcff"])
def test_names_are_drawn_as_they_are(tmp_path, name):
    image, maps = torch.zeros(1, 4, 4, dtype=torch.uint8), torch.ones(1, 4, 4)
    save(overlay(image, maps, [name], torch.tensor([[0, 0, 4, 4]]), name=name), tmp_path / "a.png")


def test_many_maps_fill_rows():
    maps = torch.rand(8, 4, 4, generator=torch.Generator().manual_seed(0))
    figure = overlay(torch.zeros(1, 4, 4, dtype=torch.uint8), maps, [*"abcdefgh"], torch.tensor([[0, 0, 4, 4]] * 8))
    assert len(figure.axes) == 9
    assert {axes.get_subplotspec().get_geometry()[:2] for axes in figure.axes} == {(2, 6)}


@pytest.mark.parametrize("maps", [torch.zeros(1, 8, 8), -torch.ones(1, 8, 8), torch.ones(1, 1, 1)])
def test_flat_and_negative_maps_can_be_drawn(tmp_path, maps):
    image = torch.zeros(1, *maps.shape[1:], dtype=torch.uint8)
    save(overlay(image, maps, ["none"], torch.tensor([[0, 0, 1, 1]])), tmp_path / "a.png")


def test_found_and_true_boxes_are_told_apart():
    maps = torch.rand(2, 8, 8, generator=torch.Generator().manual_seed(0))
    box = torch.tensor([[0, 0, 4, 4], [1, 1, 5, 5]])
    figure = boxes_figure(maps, maps, box, box + 1, columns=3)
    assert [len(axes.patches) for axes in figure.axes] == [2, 2, 0]
    assert figure.axes[0].patches[0].get_edgecolor() != figure.axes[0].patches[1].get_edgecolor()
