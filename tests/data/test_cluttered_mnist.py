import dataclasses

import pytest
import torch

from zoo.data import cluttered_data
from zoo.data.cluttered_data import build_cluttered, held_out_pictures
from zoo.data.cluttered_mnist import INK, draw_scenes, load_source
from zoo.data.cluttered_options import ClutteredOptions
from zoo.data.sets import Labelled

OPTIONS = ClutteredOptions(kind="cluttered-digits")
BARE = dataclasses.replace(OPTIONS, pieces=0)


@pytest.fixture(scope="module")
def digits():
    return load_source(OPTIONS).train


def _draw(digits, number, options=OPTIONS, *, stream=0, objects=1):
    return draw_scenes(digits, torch.tensor(number), options, stream=stream, objects=objects)


def test_a_picture_is_a_function_of_its_split_and_its_number_alone(digits):
    whole, one = _draw(digits, [3, 4, 5, 100_004]), _draw(digits, [100_004])
    assert torch.equal(whole.image[3], one.image[0])
    assert torch.equal(whole.box[3], one.box[0])
    assert not torch.equal(_draw(digits, [4]).image, _draw(digits, [4], stream=1).image)


def test_picture_n_shows_digit_n_and_begins_again_at_the_end(digits):
    count = len(digits)
    scenes = _draw(digits, [0, 7, count, count + 7])
    assert scenes.label[:, 0].tolist() == digits.label[[0, 7, 0, 7]].tolist()
    assert not torch.equal(scenes.image[0], scenes.image[2])


@pytest.mark.parametrize("objects", [1, 3])
def test_without_clutter_the_boxes_hold_all_ink_and_touch_it(digits, objects):
    scenes = _draw(digits, list(range(20)), BARE, objects=objects)
    for image, boxes in zip(scenes.image[:, 0], scenes.box.tolist(), strict=True):
        inside = torch.zeros_like(image, dtype=torch.bool)
        for left, top, right, bottom in boxes:
            inside[top:bottom, left:right] = True
            if objects == 1:
                ink = image[top:bottom, left:right] >= 255 * INK - 1
                assert ink[0].any()
                assert ink[-1].any()
                assert ink[:, 0].any()
                assert ink[:, -1].any()
        assert (image[~inside] < 255 * INK + 1).all()


def test_digits_keep_their_promised_sizes_and_stay_on_the_canvas(digits):
    upright = dataclasses.replace(BARE, rotation=0.0)
    box = _draw(digits, list(range(200)), upright).box[:, 0]
    height = box[:, 3] - box[:, 1]
    assert height.max() <= OPTIONS.largest + 2
    assert height.float().mean() == pytest.approx((OPTIONS.smallest + OPTIONS.largest) / 2, rel=0.1)
    assert box.min() >= 0
    assert box.max() <= OPTIONS.canvas


def test_an_upright_digit_of_its_own_size_is_copied():
    options = dataclasses.replace(BARE, smallest=20, largest=20, rotation=0.0)
    source = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    source[0, 0, 4:24, 8:20] = 255
    scenes = draw_scenes(Labelled(source, torch.tensor([4, 2])), torch.tensor([0]), options, stream=0)
    left, top, right, bottom = scenes.box[0, 0].tolist()
    assert (right - left, bottom - top) == (12, 20)
    assert scenes.image[0, 0].sum() == source[0].sum()
    assert scenes.image[0, 0, top:bottom, left:right].min() == 255


def test_clutter_adds_ink_and_takes_none_away(digits):
    bare, cluttered = (_draw(digits, list(range(10)), options) for options in (BARE, OPTIONS))
    assert (cluttered.image >= bare.image).all()
    for (left, top, right, bottom), image in zip(cluttered.box[:, 0].tolist(), cluttered.image[:, 0], strict=True):
        assert image.sum() > image[top:bottom, left:right].sum()


def test_several_digits_seldom_lie_upon_each_other(digits):
    box = _draw(digits, list(range(100)), objects=2).box
    side = torch.minimum(box[:, 0, 2:], box[:, 1, 2:]) - torch.maximum(box[:, 0, :2], box[:, 1, :2])
    assert (side > 0).all(1).float().mean() < 0.2


@pytest.fixture
def few(monkeypatch):
    """Held-out splits that are drawn at once."""
    monkeypatch.setattr(cluttered_data, "TEST_PICTURES", 60)
    monkeypatch.setattr(cluttered_data, "VALIDATION_PICTURES", 20)


@pytest.mark.usefixtures("few")
def test_training_takes_new_pictures_of_the_same_digits_every_epoch():
    data = build_cluttered(OPTIONS, seed=0)
    loader = data.train_dataloader()
    first, label = next(iter(loader))
    again, _ = next(iter(loader))
    loader.sampler.set_epoch(1)
    index = loader.sampler.permutation()[: len(label)]
    other, other_label = next(iter(loader))
    assert torch.equal(first, again)
    assert first.shape == (64, 1, 96, 96)
    assert not torch.equal(first, other)
    assert torch.equal(other_label, data.prepared.train.label[index])


@pytest.mark.usefixtures("few")
def test_the_first_epochs_may_show_smaller_pictures_as_densely_cluttered():
    options = dataclasses.replace(OPTIONS, small_epochs=1)
    assert (options.small.canvas, options.small.pieces) == (72, 2)
    data = build_cluttered(options, seed=0)
    loader = data.train_dataloader()
    first, label = next(iter(loader))
    loader.sampler.set_epoch(1)
    assert first.shape == (64, 1, 72, 72)
    assert next(iter(loader))[0].shape == (64, 1, 96, 96)
    loader.sampler.set_epoch(0)
    assert torch.equal(label, data.prepared.train.label[loader.sampler.permutation()[:64]])
    assert data.prepared.validation.input.shape == (20, 1, 96, 96)


@pytest.mark.usefixtures("few")
def test_held_out_pictures_come_from_all_over_their_split():
    validation, test, labels = held_out_pictures(OPTIONS)
    assert (len(validation), len(test)) == (20, 60)
    assert test.box.shape == (60, 4)
    assert torch.equal(test.label, load_source(OPTIONS).test.label[: 450 // 60 * 60 : 450 // 60])
    assert labels[7] == "7"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"largest": 20.0}, "largest 20.0: must be at least 28"),
        ({"canvas": 50}, "canvas 50: must be at least 72"),
        ({"canvas": 15, "smallest": 8, "largest": 8}, "canvas 15: must be at least 16"),
        ({"pieces": -1}, "pieces -1"),
        ({"small_epochs": 1, "small_canvas": 96}, "small-canvas 96: must be at least 72"),
        ({"kind": "cluttered-digits", "root": "x"}, "embedded and read from no folder"),
    ],
)
def test_options_that_make_no_picture_are_refused(wrong, complaint, tmp_path):
    if "root" in wrong:
        wrong = wrong | {"root": tmp_path}
    with pytest.raises(ValueError, match=complaint):
        ClutteredOptions(**wrong)
