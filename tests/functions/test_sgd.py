import pytest
import torch

from zoo.functions.sgd import decayed_gradient, haykin_step, momentum_step, sgd_step

TOLERANCE = {"atol": 1e-12, "rtol": 0}


def _slope(weight):
    """The gradient of an uneven bowl."""
    return torch.tensor([1.0, 10.0, 0.1], dtype=torch.double) * weight - 1


def _torch_walk(rates, **options):
    weight = torch.tensor([1.0, -2.0, 3.0], dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=rates[0], **options)
    for lr in rates:
        optimizer.param_groups[0]["lr"] = lr
        weight.grad = _slope(weight.detach())
        optimizer.step()
    return weight.detach()


def _walk(rates, step, *, momentum, weight_decay=0.0):
    weight = torch.tensor([1.0, -2.0, 3.0], dtype=torch.double)
    state = torch.zeros_like(weight)
    for lr in rates:
        grad = decayed_gradient(weight, _slope(weight), weight_decay=weight_decay)
        weight, state = step(weight, grad, state, lr=lr, momentum=momentum)
    return weight


def test_decay_shrinks_a_weight_by_rate_times_decay():
    """Erratum E1: the slide, which forgets the rate, arrives at 0.900."""
    assert sgd_step(torch.ones(1), torch.zeros(1), lr=0.01, weight_decay=0.1).item() == pytest.approx(0.999)


def test_steps_with_decay_equal_those_of_torch():
    weight = torch.tensor([1.0, -2.0, 3.0], dtype=torch.double)
    for _ in range(10):
        weight = sgd_step(weight, _slope(weight), lr=0.05, weight_decay=0.1)
    assert torch.allclose(weight, _torch_walk([0.05] * 10, weight_decay=0.1), **TOLERANCE)


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_momentum_equals_that_of_torch_at_a_changing_rate(weight_decay):
    rates = [0.05] * 5 + [0.01] * 5
    ours = _walk(rates, momentum_step, momentum=0.9, weight_decay=weight_decay)
    assert torch.allclose(ours, _torch_walk(rates, momentum=0.9, weight_decay=weight_decay), **TOLERANCE)


def test_haykins_momentum_equals_that_of_torch_at_a_constant_rate():
    rates = [0.05] * 10
    assert torch.allclose(_walk(rates, haykin_step, momentum=0.9), _torch_walk(rates, momentum=0.9), **TOLERANCE)


def test_haykins_momentum_departs_when_the_rate_changes():
    rates = [0.05] * 5 + [0.01]
    assert (_walk(rates, haykin_step, momentum=0.9) - _walk(rates, momentum_step, momentum=0.9)).abs().max() > 0.1


def test_nothing_is_changed_in_place():
    weight, grad, state = torch.ones(3), torch.ones(3), torch.ones(3)
    for step in (momentum_step, haykin_step):
        step(weight, grad, state, lr=0.1, momentum=0.9)
    assert (torch.stack([weight, grad, state]) == 1).all()
