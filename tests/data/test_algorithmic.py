from dataclasses import replace
from functools import partial

import pytest
import torch

from zoo.data.algorithmic import TASKS, copy, ngrams, recall, repeat_copy, sort
from zoo.data.algorithmic_batches import AlgorithmicData, FixedSequences
from zoo.data.algorithmic_options import SMALLEST, AlgorithmicOptions
from zoo.errors import ZooError


def _generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_a_copy_asks_for_the_vectors_that_came_before_the_delimiter():
    x, target, asked = copy(3, 4, _generator())
    assert x.shape == (3, 9, 9)
    assert asked.tolist() == [False] * 5 + [True] * 4
    assert torch.equal(target[:, asked], x[:, :4, :8])
    assert torch.equal(x[:, :, 8], torch.eye(9)[4].expand(3, 9))
    assert not x[:, 5:].any()


@pytest.mark.parametrize("task", [copy, partial(repeat_copy, repeats=2)])
def test_vectors_of_half_of_the_varied_sequences_have_shares_of_ones_of_their_own(task):
    """A fair vector is empty once in 256 times, one with a uniform share once in nine."""
    vector = task(2000, 10, _generator(), varied=True).x[:, :10, :8]
    assert vector.mean().item() == pytest.approx(0.5, abs=0.02)
    empty = (vector.sum(2) == 0).sum(1)
    assert empty.float().mean().item() == pytest.approx(10 * (1 / 9 + 1 / 256) / 2, rel=0.1)
    none = ((1 - 1 / 9) ** 10 + (1 - 1 / 256) ** 10) / 2
    assert (empty == 0).float().mean().item() == pytest.approx(none, abs=0.04), "the varied vectors are spread over all sequences"
    assert vector.mean(2)[:, :2].T.corrcoef()[0, 1].abs() < 0.1, "the vectors of a sequence share their share"
    assert (task(2000, 10, _generator()).x[:, :10, :8].sum(2) == 0).float().mean().item() == pytest.approx(1 / 256, rel=0.2)


def test_varied_sequences_train_and_do_not_test():
    options = AlgorithmicOptions(varied=True, batch_size=200, steps=1)
    (train,) = AlgorithmicData(options, seed=0).train_dataloader()
    assert train.target[:, train.asked].mean(2).var() > 1 / 24
    even, varied = (next(iter(FixedSequences(each, (3,), count=5, test=True))) for each in (options, replace(options, varied=False)))
    assert torch.equal(even.x, varied.x)


def test_what_is_not_copied_is_not_varied():
    with pytest.raises(ZooError, match=r"--data\.varied.*not for recall"):
        AlgorithmicOptions(kind="recall", varied=True)


def test_a_repeat_copy_asks_for_the_vectors_so_often_and_then_for_the_end():
    x, target, asked = repeat_copy(2, 3, _generator(), repeats=4)
    answer = target[:, asked]
    assert torch.equal(answer[:, :-1, :8], x[:, :3, :8].repeat(1, 4, 1))
    assert torch.equal(answer[..., 8], torch.eye(13)[12].expand(2, 13))
    assert x[:, 3, 9].tolist() == pytest.approx([(4 - 5.5) / 8.25**0.5] * 2)


def test_the_repeats_of_the_paper_have_zero_mean_and_unit_variance():
    number = torch.tensor([repeat_copy(1, 1, _generator(), repeats=times)[0][0, 1, 9] for times in range(1, 11)])
    assert number.mean().item() == pytest.approx(0, abs=1e-6)
    assert number.var(correction=0).item() == pytest.approx(1)


def test_recall_asks_for_the_item_after_the_one_that_is_shown():
    x, target, asked = recall(50, 4, _generator())
    items = torch.stack([x[:, 4 * number + 1 : 4 * number + 4, :6] for number in range(4)], 1)
    shown = x[:, 17:20, :6]
    for item, query, answer in zip(items, shown, target[:, asked], strict=True):
        places = [place for place in range(3) if torch.equal(item[place], query)]
        assert any(torch.equal(item[place + 1], answer) for place in places)
    assert x[:, :, 6].nonzero()[:, 1].unique().tolist() == [0, 4, 8, 12]
    assert x[:, :, 7].nonzero()[:, 1].unique().tolist() == [16, 20]


def test_sorting_asks_for_four_fifths_by_falling_priority():
    x, target, asked = sort(3, 20, _generator())
    order = x[:, :20, 8].argsort(1, descending=True)[:, :16]
    assert asked.sum() == 16
    for vector, places, answer in zip(x[:, :20, :8], order, target[:, asked], strict=True):
        assert torch.equal(vector[places], answer)


def test_ngrams_follow_a_table_of_the_last_five_bits():
    """Over many bits the share of ones after a context is that of its table, which the same generator draws first."""
    x, target, asked = ngrams(1, 20_000, _generator())
    table = torch.rand(1, 32, generator=_generator()).mul(torch.pi / 2).sin().square()[0]
    bit = x[0, :, 0]
    context = sum(bit[place : len(bit) - 4 + place] * 2**place for place in range(5)).long()
    following = target[0, 4:, 0]
    for value in range(32):
        seen = following[context == value]
        if len(seen) > 300:
            assert seen.mean().item() == pytest.approx(table[value].item(), abs=0.1)
    assert not asked[:4].any()
    assert asked[4:].all()


@pytest.mark.parametrize("kind", TASKS)
def test_the_smallest_sequences_of_every_task_ask_for_something(kind):
    for size in (TASKS[kind].smallest, SMALLEST[kind]):
        assert TASKS[kind].make(2, size, _generator()).asked.any()


@pytest.mark.parametrize("kind", TASKS)
def test_every_task_has_the_numbers_that_it_says(kind):
    task = TASKS[kind]
    x, target, asked = task.make(2, 6, _generator())
    assert x.shape == (2, len(asked), task.inputs)
    assert target.shape == (2, len(asked), task.outputs)
    assert not target[:, ~asked].any()


def _epoch(options, *, seed=0, epoch=0):
    batches = AlgorithmicData(options, seed=seed).train_dataloader()
    batches.sampler.set_epoch(epoch)
    return [batch.x for batch in batches]


def test_batches_are_a_function_of_seed_epoch_and_number():
    options = AlgorithmicOptions(steps=5)
    first = _epoch(options)
    assert all(map(torch.equal, first, _epoch(options)))
    for other in (_epoch(options, seed=1), _epoch(options, epoch=1)):
        assert not any(one.shape == two.shape and torch.equal(one, two) for one, two in zip(first, other, strict=True))


def test_a_stopped_epoch_goes_on_where_it_stopped():
    options = AlgorithmicOptions(steps=6)
    batches = AlgorithmicData(options, seed=3).train_dataloader()
    batches.sampler.set_epoch(2)
    running = iter(batches)
    for _ in range(4):
        next(running)
    resumed = AlgorithmicData(options, seed=3).train_dataloader()
    resumed.load_state_dict(batches.state_dict())
    assert all(torch.equal(one.x, two.x) for one, two in zip(running, resumed, strict=True))


def test_a_position_in_other_data_is_refused():
    options = AlgorithmicOptions(steps=6)
    state = AlgorithmicData(options, seed=0).train_dataloader().state_dict()
    with pytest.raises(ZooError, match="longest was 20 and is 10"):
        AlgorithmicData(replace(options, longest=10), seed=0).train_dataloader().load_state_dict(state)


def test_sizes_are_drawn_uniformly():
    options = AlgorithmicOptions(steps=2000, batch_size=1, longest=4)
    length = torch.tensor([(len(x[0]) - 1) // 2 for x in _epoch(options)])
    assert length.bincount(minlength=5)[1:].div(2000).tolist() == pytest.approx([0.25] * 4, abs=0.04)


def test_test_sequences_are_fixed_and_not_those_of_validation():
    options = AlgorithmicOptions()
    test, again = (next(iter(FixedSequences(options, (9,), count=3, test=True))) for _ in range(2))
    validation = next(iter(FixedSequences(options, (9,), count=3, test=False)))
    assert torch.equal(test.x, again.x)
    assert not torch.equal(test.x, validation.x)


def test_a_fixed_set_of_repeats_has_many_lengths_and_numbers():
    batches = FixedSequences(AlgorithmicOptions(kind="repeat-copy", longest=10), (10,), count=205, test=True)
    shapes = [tuple(batch.x.shape) for batch in batches]
    assert len(shapes) == len(batches)
    assert sum(count for count, *_ in shapes) == 205
    assert len({steps for _, steps, _ in shapes}) > 10


@pytest.mark.parametrize("repeats", [7, 20])
def test_exact_repeats_are_of_ten_vectors(repeats):
    (batch,) = FixedSequences(AlgorithmicOptions(kind="repeat-copy", longest=10), (repeats,), count=2, test=True, exact=True)
    assert batch.asked.sum() == 10 * repeats + 1


@pytest.mark.parametrize(
    ("kind", "options"),
    [("copy", {"longest": 0}), ("recall", {"longest": 1}), ("ngrams", {"longest": 5}), ("copy", {"batch_size": 0})],
)
def test_sizes_that_cannot_be_are_refused(kind, options):
    with pytest.raises(ZooError, match="--data"):
        AlgorithmicOptions(kind=kind, **options)


def test_training_may_begin_with_easy_sequences_and_grow():
    options = AlgorithmicOptions(kind="copy", longest=20, easy=4, easy_epochs=2, grow_epochs=4)
    assert [options.longest_in(epoch) for epoch in range(8)] == [4, 4, 4, 8, 12, 16, 20, 20]
    assert AlgorithmicOptions(longest=20).longest_in(0) == 20
    loader = AlgorithmicData(replace(options, steps=40), seed=0).train_dataloader()
    longest = []
    for epoch in (0, 7):
        loader.sampler.set_epoch(epoch)
        longest.append(max((batch.x.shape[1] - 1) // 2 for batch in loader))
    assert longest[0] == 4
    assert longest[1] > 15


def test_easy_sequences_must_be_shorter():
    with pytest.raises(ZooError, match=r"--data\.easy 20: must be"):
        AlgorithmicOptions(longest=20, easy=20, easy_epochs=1)
