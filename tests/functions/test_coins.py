import pytest
import torch

from zoo.functions.coins import Coins


def _coins(seed=0):
    return Coins(torch.Generator().manual_seed(seed))


def test_zero_and_one_are_certain():
    coins = _coins()
    assert not coins.toss(torch.zeros(200_000)).any()
    assert coins.toss(torch.ones(200_000)).all()


@pytest.mark.parametrize("probability", [0.001, 0.3, 0.5, 0.97])
def test_states_come_as_often_as_their_probability_says(probability):
    count = 1_000_000
    share = _coins().toss(torch.full((count,), probability)).mean().item()
    assert abs(share - probability) < 4 * (probability * (1 - probability) / count) ** 0.5


def test_the_four_numbers_of_a_word_are_independent():
    state = _coins().toss(torch.full((200_000, 4), 0.5)) - 0.5
    assert ((4 * state.T @ state / len(state) - torch.eye(4)).abs() < 0.01).all()


def test_the_generator_decides():
    probability = torch.rand(7, 3, dtype=torch.double)
    first, second = _coins(), _coins()
    assert torch.equal(first.toss(probability), second.toss(probability))
    assert not torch.equal(first.toss(torch.full((99,), 0.5)), _coins(1).toss(torch.full((99,), 0.5)))


def test_states_go_where_they_are_told_and_a_shorter_batch_fits():
    coins, out = _coins(), torch.full((4, 5), 9.0)
    coins.toss(torch.ones(4, 5), out=out)
    coins.toss(torch.zeros(3, 5), out=out[:3])
    assert out.sum(1).tolist() == [0, 0, 0, 5]


def test_nothing_to_toss():
    assert _coins().toss(torch.zeros(0, 3)).shape == (0, 3)
