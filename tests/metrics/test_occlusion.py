import pytest
import torch

from zoo.metrics.occlusion import SHARES, occlusion_curves


def _share_of_light(image):
    """A class that is there as far as the upper left quarter is lit, and its opposite."""
    light = image[:, 0, :4, :4].mean((1, 2))
    return torch.stack([light, 1 - light], dim=1)


def _curves(maps, *, background=0.0):
    image = torch.ones(3, 1, 8, 8)
    return occlusion_curves(
        _share_of_light,
        image,
        maps,
        torch.zeros(3, dtype=torch.long),
        background=torch.full((1, 1, 1), background),
        generator=torch.Generator().manual_seed(0),
    )


def _telling():
    maps = torch.zeros(3, 4, 4)
    maps[:, :2, :2] = 1.0
    return maps


def test_hiding_the_places_that_matter_takes_the_class_away_first():
    curves = _curves(_telling())
    assert curves.deletion[0] == 1
    assert curves.deletion[3] == 0  # five of sixteen cells are hidden, four matter
    assert curves.insertion[3] == 1
    assert 0 < curves.random[3] < 1


def test_with_everything_hidden_all_orders_agree():
    curves = _curves(_telling(), background=0.25)
    assert curves.deletion[-1] == curves.random[-1] == curves.insertion[0] == pytest.approx(0.25)


def test_areas_and_falls_follow_from_the_curves():
    figures = _curves(_telling()).metrics("test")
    assert figures["test/drop_active_tenth"] == pytest.approx(0.5)  # two of the four cells
    assert figures["test/deletion_area"] < figures["test/random_deletion_area"] < figures["test/insertion_area"]


def test_random_places_follow_from_the_generator():
    assert _curves(_telling()) == _curves(_telling())


def test_steps_are_tenths():
    assert pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]) == SHARES
