import pytest
import torch

from zoo.data.augmentation import distort
from zoo.data.counter_random import uniform
from zoo.data.options import DistortionOptions

INDEX = torch.arange(6)


def _canvas():
    canvas = torch.zeros(6, 1, 32, 32)
    canvas[:, :, 10:22, 14:18] = 1
    return canvas


def test_numbers_are_uniform_and_uncorrelated():
    numbers = uniform(torch.arange(2000), count=50, seed=1, epoch=2)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert numbers.mean().item() == pytest.approx(0.5, abs=0.005)
    assert numbers.var().item() == pytest.approx(1 / 12, abs=0.002)
    centred = numbers - 0.5
    assert (centred[:, :-1] * centred[:, 1:]).mean().abs() < 0.002
    assert (centred[:-1] * centred[1:]).mean().abs() < 0.002
    assert len(numbers.unique()) > 0.99 * numbers.numel()


def test_a_samples_numbers_do_not_depend_on_its_batch():
    together = uniform(INDEX, count=5, seed=1, epoch=0)
    alone = uniform(INDEX[4:5], count=5, seed=1, epoch=0)
    assert torch.equal(together[4:5], alone)


@pytest.mark.parametrize("other", [{"seed": 2, "epoch": 0}, {"seed": 1, "epoch": 1}])
def test_seed_and_epoch_change_the_numbers(other):
    assert not torch.equal(uniform(INDEX, count=5, seed=1, epoch=0), uniform(INDEX, count=5, **other))


def test_no_distortion_leaves_pictures_as_they_are():
    assert torch.allclose(distort(_canvas(), INDEX, DistortionOptions(), seed=0, epoch=0), _canvas(), atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        DistortionOptions(rotation=10),
        DistortionOptions(scale=0.2),
        DistortionOptions(shear=0.2),
        DistortionOptions(translation=3),
        DistortionOptions(elastic=1.0),
    ],
)
def test_every_distortion_moves_ink_and_keeps_most_of_it(options):
    out = distort(_canvas(), INDEX, options, seed=0, epoch=0)
    assert (out - _canvas()).abs().amax((1, 2, 3)).min() > 0.05
    assert torch.allclose(out.sum((1, 2, 3)), _canvas().sum((1, 2, 3)), rtol=0.5)
    assert out.min() >= 0
    assert out.max() <= 1 + 1e-5


def test_a_samples_distortion_does_not_depend_on_its_batch():
    options = DistortionOptions(rotation=10, elastic=1.0)
    together = distort(_canvas(), INDEX, options, seed=3, epoch=1)
    alone = distort(_canvas()[2:3], INDEX[2:3], options, seed=3, epoch=1)
    assert torch.allclose(together[2:3], alone, atol=1e-6)


def test_translation_is_measured_in_pixels():
    options = DistortionOptions(translation=4)
    column = torch.arange(32.0)
    out = distort(_canvas(), INDEX, options, seed=0, epoch=0)
    centre = (out.sum((1, 2)) * column).sum(-1) / out.sum((1, 2, 3))
    expected = -(uniform(INDEX, count=6, seed=0, epoch=0)[:, 4] * 2 - 1) * 4
    assert torch.allclose(centre - 15.5, expected, atol=0.05)


def test_elastic_displacement_has_the_standard_deviation_that_was_asked_for():
    from zoo.data.augmentation import _field

    noise = uniform(torch.arange(500), count=2 * 16 * 16, seed=0, epoch=0).view(-1, 2, 16, 16) * 2 - 1
    field = _field(noise, 32, DistortionOptions(elastic=1.5)) * 32 / 2  # in pixels
    assert field.std().item() == pytest.approx(1.5, rel=0.05)
