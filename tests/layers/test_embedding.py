import torch
from torch import nn

from zoo.layers.embedding import Embedding


def test_embedding_exchanges_weights_with_its_torch_counterpart():
    ours, theirs = Embedding(7, 3), nn.Embedding(7, 3)
    ours.load_state_dict(theirs.state_dict())
    index = torch.tensor([[0, 6], [6, 2]])
    assert torch.equal(ours(index), theirs(index))
