import pytest
import torch
from torch import nn

from zoo.errors import ZooError
from zoo.layers.dropout import Dropout


@pytest.mark.parametrize("drop", [0.0, 0.1, 0.3, 0.5])
def test_for_the_same_seed_it_gives_exactly_what_torchs_dropout_gives(drop):
    x = torch.randn(50, 40)
    torch.manual_seed(3)
    theirs = nn.Dropout(drop)(x)
    torch.manual_seed(3)
    assert torch.equal(Dropout(drop)(x), theirs)


def test_evaluation_passes_everything_on():
    x = torch.randn(5, 4)
    assert torch.equal(Dropout(0.5).eval()(x), x)


def test_a_generator_of_its_own_leaves_torchs_alone():
    x = torch.randn(50, 40)
    before = torch.get_rng_state()
    first, second = (Dropout(0.5, generator=torch.Generator().manual_seed(1))(x) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


def test_dropping_everything_is_refused():
    with pytest.raises(ZooError, match="drop 1"):
        Dropout(1.0)
