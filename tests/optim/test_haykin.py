import pytest
import torch
from torch import nn

from zoo.optim.haykin import HaykinMomentum


def _walk(optimizer_of, gradients):
    parameter = nn.Parameter(torch.zeros(2))
    optimizer = optimizer_of([parameter])
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
    return parameter.detach()


def test_at_a_constant_rate_it_is_momentum():
    gradients = torch.randn(6, 2, generator=torch.Generator().manual_seed(0))
    haykin = _walk(lambda params: HaykinMomentum(params, lr=0.1, momentum=0.8), gradients)
    assert torch.allclose(haykin, _walk(lambda params: torch.optim.SGD(params, lr=0.1, momentum=0.8), gradients))


def test_old_changes_go_on_at_the_rate_that_they_were_made_with():
    found = _walk(lambda params: HaykinMomentum(params, lr=1.0, momentum=0.5, decay=0.1), torch.ones(2, 2))
    assert torch.allclose(found, torch.full((2,), -(1 + 0.5 + 0.1)))


def test_a_negative_rate_is_refused():
    with pytest.raises(ValueError, match=r"lr -1.0: must be at least 0"):
        HaykinMomentum([nn.Parameter(torch.zeros(1))], lr=-1.0)
