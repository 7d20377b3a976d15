import pytest
from torch import nn

from zoo.layers.mode import evaluating


def _fail(model):
    with evaluating(model):
        assert not any(part.training for part in model.modules())
        raise KeyError


def test_every_part_is_put_back_in_its_own_mode_after_an_error_too():
    model = nn.Sequential(nn.Dropout(), nn.Sequential(nn.Dropout()))
    model[1].eval()
    with pytest.raises(KeyError):
        _fail(model)
    assert [part.training for part in model.modules()] == [True, True, False, False]
