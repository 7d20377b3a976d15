import torch

from zoo.functions.draw import Draw
from zoo.functions.memory import memory_read, memory_write


def test_one_hot_weights_read_a_row():
    memory = Draw().constant(1, 5, 3)
    assert torch.equal(memory_read(memory, torch.eye(5).double()[None]), memory)


def test_writing_by_hand():
    memory = torch.tensor([[[4.0, 8.0], [1.0, 1.0]]])
    weight, erase, add = torch.tensor([[[0.5, 0.0]]]), torch.tensor([[[1.0, 0.5]]]), torch.tensor([[[2.0, -2.0]]])
    assert torch.equal(memory_write(memory, weight, erase, add), torch.tensor([[[3.0, 5.0], [1.0, 1.0]]]))


def test_what_is_written_with_a_full_erasure_is_read_back():
    draw = Draw()
    weight, add = torch.eye(5).double()[None, 2:3], draw.constant(1, 1, 3)
    memory = memory_write(draw.constant(1, 5, 3), weight, torch.ones(1, 1, 3).double(), add)
    assert torch.equal(memory_read(memory, weight), add)


def test_the_order_of_heads_does_not_matter():
    draw = Draw()
    memory, *heads = draw(2, 5, 3), draw.distribution(2, 3, 5), draw.probability(2, 3, 3), draw(2, 3, 3)
    there = memory_write(memory, *heads)
    assert torch.allclose(memory_write(memory, *(each.flip(1) for each in heads)), there)


def test_a_row_is_erased_before_any_head_adds():
    """Heads that erased and added in turn would wipe what the first one wrote."""
    one = torch.ones(1, 2, 1)
    add = torch.tensor([[[3.0], [4.0]]])
    assert memory_write(torch.ones(1, 1, 1), one, one, add).item() == 7
