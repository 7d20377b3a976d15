import torch

from zoo.data.binary import binarize
from zoo.data.sets import Labelled


def _split(share, count=2100):
    return Labelled(torch.full((count, 1, 4, 4), share), torch.zeros(count, dtype=torch.long))


def test_pixels_are_on_as_often_as_they_are_grey():
    binary = binarize(_split(0.3), part=0).input
    assert set(binary.unique().tolist()) == {0.0, 1.0}
    assert abs(float(binary.mean()) - 0.3) < 0.01


def test_empty_and_full_pixels_are_certain():
    assert not binarize(_split(0.0), part=0).input.any()
    assert binarize(_split(1.0), part=0).input.all()


def test_a_picture_is_always_drawn_alike_and_every_part_of_the_data_apart():
    first = binarize(_split(0.5), part=0).input
    assert torch.equal(first[:50], binarize(_split(0.5, count=50), part=0).input)
    assert not torch.equal(first, binarize(_split(0.5), part=1).input)
    assert not torch.equal(first[0], first[1000])
