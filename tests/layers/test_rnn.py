import re

import pytest
import torch
from torch import nn

from zoo.errors import ZooError
from zoo.functions import native
from zoo.layers.rnn import RNN


@pytest.mark.parametrize("batch_first", [False, True])
def test_it_is_nn_rnn_with_gradients_of_our_own(batch_first):
    torch.manual_seed(0)
    ours = RNN(3, 5, num_layers=2, batch_first=batch_first).double()
    theirs = nn.RNN(3, 5, 2, batch_first=batch_first).double()
    theirs.load_state_dict(ours.state_dict())
    x, h = torch.randn(4, 6, 3).double(), torch.randn(2, 4 if batch_first else 6, 5).double()
    found = []
    for layer in (ours, theirs):
        y, last = layer(x, h)
        (y.square().sum() + last.sum()).backward()
        found.append([y, last, *(parameter.grad for parameter in layer.parameters())])
    for mine, other in zip(*found, strict=True):
        torch.testing.assert_close(mine, other, atol=1e-12, rtol=1e-10)
    with native():
        torch.testing.assert_close(ours(x)[0], theirs(x)[0])


@pytest.mark.parametrize(
    ("x", "state", "message"),
    [
        (torch.zeros(4, 2, 3), torch.zeros(1, 2, 5), "a hidden state of shape (1, 2, 5)"),
        (torch.zeros(4, 2, 3), torch.zeros(2, 3, 5), "a hidden state of shape (2, 3, 5)"),
        (torch.zeros(4, 2, 7), None, "must be a tensor of steps x batch x 3 features"),
        (torch.zeros(0, 2, 3), None, "at least one step is needed"),
    ],
)
def test_other_shapes_are_refused(x, state, message):
    with pytest.raises(ZooError, match=re.escape(message)):
        RNN(3, 5, num_layers=2)(x, state)
