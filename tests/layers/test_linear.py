import torch
from torch import nn

from zoo.layers.linear import Linear


def test_linear_exchanges_weights_with_its_torch_counterpart():
    ours, theirs = Linear(3, 2), nn.Linear(3, 2)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(4, 3)
    assert torch.equal(ours(x), theirs(x))


def test_linear_works_without_bias():
    layer = Linear(3, 2, bias=False)
    x = torch.randn(4, 3)
    assert torch.equal(layer(x), x @ layer.weight.T)
