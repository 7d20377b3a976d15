import pytest
import torch

from tests.data.idx_files import write_mnist
from zoo.data.double_moon import RADIUS, SPREAD, WIDTH
from zoo.data.module import build_data
from zoo.data.options import DistortionOptions, DoubleMoonOptions, ImageOptions, TransformOptions
from zoo.errors import ZooError

PICTURES = ImageOptions(kind="digits", validation=0.2, batch_size=100)


def test_validation_is_cut_from_training_and_the_test_set_is_left_alone():
    prepared = build_data(PICTURES, seed=0).prepared
    assert (len(prepared.train), len(prepared.validation), len(prepared.test)) == (1078, 269, 450)
    train = {tuple(row) for row in prepared.train.input.flatten(1).tolist()}
    validation = {tuple(row) for row in prepared.validation.input.flatten(1).tolist()}
    assert not train & validation


def test_no_validation_trains_on_all(tmp_path):
    options = ImageOptions(kind="mnist", root=write_mnist(tmp_path), validation=0.0)
    data = build_data(options, seed=0)
    assert len(data.prepared.train) == 60
    assert data.val_dataloader() == []


def test_whitening_is_fitted_on_the_training_split_alone():
    options = ImageOptions(kind="digits", validation=0.5, transform=TransformOptions(size=8, content=8, whitening="center"))
    prepared = build_data(options, seed=0).prepared
    assert prepared.train.input.mean(0).abs().max() < 1e-5
    assert prepared.validation.input.mean(0).abs().max() > 1e-3


def test_pictures_that_would_not_fit_into_memory_are_refused_before_they_are_made(monkeypatch):
    memory = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1000}
    monkeypatch.setattr("os.sysconf", memory.__getitem__)
    options = ImageOptions(kind="digits", transform=TransformOptions(size=32, content=32))  # 7.4 MB, and there are 4.1
    with pytest.raises(ZooError, match=r"1,797 pictures at the model's 32 x 32 pixels take 0 GB.* a model that takes smaller ones"):
        build_data(options, seed=0)
    memory["SC_PHYS_PAGES"] = 2000
    assert len(build_data(options, seed=0).prepared.test) == 450


def test_a_fitted_transform_is_used_as_it_is():
    options = ImageOptions(kind="digits", transform=TransformOptions(size=8, content=8, whitening="center"))
    transform = build_data(options, seed=0).transform
    transform.whitening.mean.zero_()
    assert build_data(options, seed=0, transform=transform).prepared.train.input.min() >= 0


def test_training_batches_are_distorted_and_test_batches_are_not():
    plain = build_data(PICTURES, seed=0)
    options = ImageOptions(kind="digits", validation=0.2, batch_size=100, distortion=DistortionOptions(rotation=20))
    data = build_data(options, seed=0)
    (x, label), (still, same) = next(iter(data.train_dataloader())), next(iter(plain.train_dataloader()))
    assert torch.equal(label, same)
    assert (x - still).abs().max() > 0.1
    assert torch.equal(data.prepared.test.input, plain.prepared.test.input)


@pytest.mark.parametrize("distance", [-4.0, -5.0])
def test_moons_have_haykins_numbers_and_lie_in_their_rings(distance):
    prepared = build_data(DoubleMoonOptions(distance=distance, validation=0.0), seed=0).prepared
    assert (len(prepared.train), len(prepared.test)) == (1000, 2000)
    assert prepared.test.label.bincount().tolist() == [1000, 1000]
    point = prepared.test.input * SPREAD + torch.tensor([RADIUS / 2, 0.0])
    upper, lower = (point[prepared.test.label == moon] for moon in (0, 1))
    for moon, centre, side in ((upper, [0.0, 0.0], 1), (lower, [RADIUS, -distance], -1)):
        offset = moon - torch.tensor(centre)
        radius = torch.linalg.vector_norm(offset, dim=1)
        assert ((radius >= RADIUS - WIDTH / 2 - 1e-4) & (radius <= RADIUS + WIDTH / 2 + 1e-4)).all()
        assert (side * offset[:, 1] >= -1e-4).all()
