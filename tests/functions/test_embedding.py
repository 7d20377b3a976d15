import pytest
import torch

from zoo.functions.embedding import embedding


def test_a_word_collects_the_gradient_of_each_of_its_occurrences():
    weight = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
    out = embedding(torch.tensor([2, 0, 2]), weight)
    out.backward(torch.tensor([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]))
    assert out.tolist() == [[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]]
    assert weight.grad.tolist() == [[2.0, 20.0], [0.0, 0.0], [4.0, 40.0]]


@pytest.mark.parametrize("index", [-1, 3])
def test_a_word_outside_the_vocabulary_is_refused(index):
    with pytest.raises(IndexError):
        embedding(torch.tensor([index]), torch.zeros(3, 2))
