import pytest
import torch
from torch import nn

from zoo.errors import ZooError
from zoo.metrics.localization import (
    THRESHOLDS,
    LocalizationReport,
    enlarge,
    localize,
    map_boxes,
    overlap,
    points_inside,
    true_class_maps,
)
from zoo.models.cam import class_activation_map
from zoo.models.gap_net import GapNet


def _map(*boxes, side=10, value=1.0):
    maps = torch.zeros(1, side, side)
    for left, top, right, bottom in boxes:
        maps[0, top:bottom, left:right] = value
    return maps


def test_the_box_is_that_of_the_largest_part():
    maps = _map((0, 0, 2, 2), (4, 3, 9, 7))
    assert map_boxes(maps).tolist() == [[[4, 3, 9, 7]]]


def test_parts_that_touch_at_a_corner_are_one():
    assert map_boxes(_map((0, 0, 3, 3), (3, 3, 5, 5))).tolist() == [[[0, 0, 5, 5]]]


def test_only_what_reaches_the_threshold_counts():
    maps = _map((2, 2, 8, 8), value=0.19)
    maps[0, 4:6, 4:6] = 1.0
    assert map_boxes(maps, thresholds=(0.19, 0.2)).tolist() == [[[2, 2, 8, 8], [4, 4, 6, 6]]]


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_map_without_anything_positive_covers_the_picture(value):
    assert map_boxes(torch.full((1, 4, 6), value)).tolist() == [[[0, 0, 6, 4]]]


def test_an_empty_batch_has_no_boxes():
    assert map_boxes(torch.zeros(0, 4, 6)).shape == (0, 1, 4)


def test_overlap_is_intersection_over_union():
    a = torch.tensor([[0, 0, 4, 4], [0, 0, 4, 4], [0, 0, 2, 2], [1, 2, 3, 4]])
    b = torch.tensor([[2, 0, 6, 4], [0, 0, 4, 4], [2, 2, 4, 4], [0, 0, 2, 3]])
    assert overlap(a, b).tolist() == pytest.approx([8 / 24, 1, 0, 1 / 9])


def test_overlap_equals_torchvisions():
    from torchvision.ops import box_iou

    corner = torch.randint(0, 30, (50, 2, 2), generator=torch.Generator().manual_seed(0))
    side = torch.randint(1, 30, (50, 2, 2), generator=torch.Generator().manual_seed(1))
    a, b = torch.cat([corner, corner + side], dim=2).unbind(1)
    assert torch.allclose(overlap(a, b), box_iou(a.float(), b.float()).diagonal())


def test_pointing_hits_only_inside_the_box():
    maps = torch.zeros(2, 6, 8)
    maps[:, 2, 5] = 1.0
    assert points_inside(maps, torch.tensor([[5, 2, 6, 3], [0, 0, 5, 6]])).tolist() == [True, False]


def test_maps_are_enlarged_before_they_are_cut():
    large = enlarge(torch.tensor([[[0.0, 1.0]]]), size=(1, 8))
    assert large.shape == (1, 1, 8)
    assert large[0, 0].tolist() == [0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1]


def _report(label, overlap):
    score = torch.tensor([[3.0, 2, 1, 0, -1, -2], [3, 2, 1, 0, -1, -2], [3, 2, 1, 0, -1, -2]])
    shared = torch.tensor(overlap)[:, None].expand(-1, len(THRESHOLDS)).clone()
    shared[:, THRESHOLDS.index(0.5)] = 0.9
    return LocalizationReport(score, torch.tensor(label), shared, torch.tensor([True, True, False]))


def test_top_one_and_top_five_need_the_class_and_the_box():
    report = _report([0, 2, 5], [0.5, 0.6, 0.7])
    assert report.error(top=1) == pytest.approx(2 / 3)
    assert report.error(top=5) == pytest.approx(1 / 3)
    assert _report([0, 2, 5], [0.49, 0.6, 0.7]).error(top=1) == 1


def test_with_the_class_known_only_the_box_counts():
    figures = _report([0, 2, 5], [0.4, 0.6, 0.7]).metrics("val")
    assert figures["val/localization_error_known"] == pytest.approx(1 / 3)
    assert figures["val/pointing_error"] == pytest.approx(1 / 3)


def test_validation_chooses_the_threshold_that_finds_most():
    report = _report([0, 2, 5], [0.4, 0.6, 0.7])
    assert report.best_threshold() == 0.5
    assert report.box_accuracy(0.5) == 1
    assert report.box_accuracy(0.2) == pytest.approx(2 / 3)


def test_the_worst_boxes_are_those_of_pictures_named_right():
    assert _report([0, 2, 0], [0.3, 0.0, 0.1]).worst(5).tolist() == [2, 0]


def test_localizing_leaves_the_mode_of_the_model_and_keeps_the_order():
    torch.manual_seed(0)
    model = GapNet()
    image, label = torch.rand(5, 1, 16, 16), torch.arange(5)
    box = torch.tensor([[0, 0, 16, 16]]).expand(5, 4)
    whole, parts = (localize(model, image, label, box, batch_size=size) for size in (5, 2))
    assert model.training
    assert torch.allclose(whole.score, parts.score, atol=1e-6)
    assert torch.equal(whole.overlap, parts.overlap)


def test_the_map_of_each_picture_is_that_of_its_own_class():
    torch.manual_seed(0)
    model = GapNet()
    image, label = torch.rand(3, 1, 16, 16), torch.tensor([7, 0, 7])
    score, maps = true_class_maps(model, image, label)
    model.eval()
    found = class_activation_map(model, image)
    assert torch.equal(score, found.score)
    assert torch.equal(maps, torch.stack([found.map[row, true] for row, true in enumerate(label)]))


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_of_a_model_is_put_back_after_an_error_too(training):
    model = nn.Sequential(nn.Conv2d(1, 2, 1), nn.Flatten(), nn.Linear(32, 2)).train(training)
    with pytest.raises(ZooError, match="no class activation maps"):
        true_class_maps(model, torch.rand(1, 1, 4, 4), torch.tensor([0]))
    assert model.training == training
