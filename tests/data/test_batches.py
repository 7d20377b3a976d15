import time

import pytest
import torch

from zoo.data.batches import Augment, Batches
from zoo.errors import ZooError


def _batches(**options):
    x = torch.arange(10.0)[:, None]
    return Batches(x, torch.arange(10), batch_size=4, **options)


def _samples(batches):
    return [int(label) for _, labels in batches for label in labels]


def test_every_sample_comes_exactly_once_an_epoch():
    batches = _batches(seed=1)
    assert sorted(_samples(batches)) == list(range(10))
    assert len(batches) == len(list(batches)) == 3


def test_the_order_follows_from_seed_and_epoch_alone():
    first, second = _batches(seed=1), _batches(seed=1)
    first.sampler.set_epoch(3)
    second.sampler.set_epoch(3)
    assert _samples(first) == _samples(first) == _samples(second)
    second.sampler.set_epoch(4)
    assert _samples(first) != _samples(second)
    assert _samples(_batches(seed=2)) != _samples(_batches(seed=1))


def test_without_a_seed_the_order_is_that_of_the_data():
    assert _samples(_batches()) == list(range(10))


def test_devices_share_each_batch_without_overlap():
    whole = [set(labels.tolist()) for _, labels in _batches(seed=1)]
    parts = [[set(labels.tolist()) for _, labels in _batches(seed=1, rank=rank, world=2)] for rank in (0, 1)]
    assert [a | b for a, b in zip(*parts, strict=True)] == whole
    assert all(not a & b for a, b in zip(*parts, strict=True))


def test_devices_take_the_same_number_of_steps_in_training_and_all_samples_in_evaluation():
    x, label = torch.arange(11.0)[:, None], torch.arange(11)
    for seed, everything in ((1, False), (None, True)):
        parts = [list(Batches(x, label, batch_size=4, seed=seed, rank=rank, world=2)) for rank in (0, 1)]
        seen = [int(value) for part in parts for _, labels in part for value in labels]
        assert len(set(seen)) == len(seen) == (11 if everything else 10)
        assert len(parts[0]) == len(parts[1]) == len(Batches(x, label, batch_size=4, seed=seed, world=2))
        assert all(len(labels) for part in parts for _, labels in part)


def test_augmentation_is_told_the_positions_and_the_epoch():
    seen = []

    def augment(x, index, epoch):
        seen.append((index.tolist(), epoch))
        return -x

    batches = _batches(seed=1, augment=Augment(augment))
    batches.sampler.set_epoch(2)
    x, label = next(iter(batches))
    assert torch.equal(x[:, 0], -label.float())
    assert seen == [(label.tolist(), 2)]


def test_an_iteration_goes_on_where_a_position_was_taken_and_the_next_epoch_is_whole():
    whole, broken, resumed = (_batches(seed=1) for _ in range(3))
    whole.sampler.set_epoch(2)
    broken.sampler.set_epoch(2)
    first = next(iter(broken))[1].tolist()
    resumed.load_state_dict(broken.state_dict())
    assert first + _samples(resumed) == _samples(whole)
    assert len(_samples(resumed)) == 10


def test_after_an_epochs_last_batch_comes_the_first_of_the_next():
    batches = _batches(seed=1)
    _samples(batches)
    batches.load_state_dict(batches.state_dict())
    assert len(_samples(batches)) == 10


def test_a_position_in_other_data_is_refused():
    position = _batches(seed=1).state_dict()
    with pytest.raises(ValueError, match="seed was 1 and is 2"):
        _batches(seed=2).load_state_dict(position)


@pytest.mark.parametrize("part", ["x", "label"])
def test_a_position_in_data_that_were_changed_is_refused(part):
    batches, changed = _batches(seed=1), _batches(seed=1)
    getattr(changed, part)[3] += 1
    with pytest.raises(ZooError, match="checksum was"):
        changed.load_state_dict(batches.state_dict())


@pytest.mark.parametrize(("size", "world"), [(501, 2), (1001, 2), (1501, 3), (502, 4)])
def test_evaluation_on_several_devices_takes_as_many_batches_on_each(size, world):
    """As many as exchanges between them: a batch more on one of them would wait for the others for ever."""
    label = torch.arange(size)
    parts = [list(Batches(label, label, batch_size=500, rank=rank, world=world)) for rank in range(world)]
    assert len({len(part) for part in parts}) == 1
    assert len(parts[0]) == len(Batches(label, label, batch_size=500, world=world))
    assert all(0 < len(labels) <= 500 // world for part in parts for _, labels in part)
    assert sorted(int(value) for part in parts for _, labels in part for value in labels) == list(range(size))


@pytest.mark.parametrize("workers", [0, 1, 2, 5])
def test_any_number_of_workers_gives_the_same_batches(workers):
    def augment(x, index, epoch):
        time.sleep(0.002 * int(index[0] % 3))  # the later batch is often the earlier to be done
        return x * epoch + index[:, None]

    plain, batches = (_batches(seed=1, augment=Augment(augment, workers=number)) for number in (0, workers))
    for epoch in (1, 2):
        plain.sampler.set_epoch(epoch)
        batches.sampler.set_epoch(epoch)
        for (x, label), (same, name) in zip(plain, batches, strict=True):
            assert torch.equal(x, same)
            assert torch.equal(label, name)


@pytest.mark.parametrize("workers", [0, 2])
def test_the_position_counts_the_batches_that_were_given_not_those_that_workers_have_ready(workers):
    augment = Augment(lambda x, index, epoch: x, workers=workers)
    whole, broken, resumed = (_batches(seed=1, augment=augment) for _ in range(3))
    first = next(iter(broken))[1].tolist()
    assert broken.state_dict()["batch"] == 1
    resumed.load_state_dict(broken.state_dict())
    assert first + _samples(resumed) == _samples(whole)
