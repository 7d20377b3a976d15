import torch

from zoo.models.l2l import CoordinatewiseLSTM
from zoo.optim.stepper import Stepper


def test_steps_one_at_a_time_are_those_of_the_network(monkeypatch):
    monkeypatch.setattr("zoo.optim.stepper._BLOCK", 4)
    torch.manual_seed(0)
    network, gradient = CoordinatewiseLSTM(hidden=5, layers=3).double(), torch.randn(6, 7, dtype=torch.double)
    with torch.no_grad():
        first, states = network.advance(gradient[:2])
        expected, after = network.advance(gradient[2:], states)
    for begin, changes in ((0, torch.cat([first, expected])), (2, expected)):
        stepper = Stepper.at(network, states if begin else None, gradient[0])
        found = torch.stack([stepper.step(each) for each in gradient[begin:]])
        assert torch.allclose(found, changes, atol=1e-12)
        assert all(torch.allclose(mine, theirs, atol=1e-12) for mine, theirs in zip(stepper.states(), after, strict=True))


def test_the_states_that_it_began_with_are_left_alone():
    network = CoordinatewiseLSTM(hidden=1)  # of a single row, a transpose needs no copy
    states = torch.zeros(2, 3, 1), torch.zeros(2, 3, 1)
    Stepper.at(network, states, torch.zeros(3)).step(torch.ones(3))
    assert not any(each.any() for each in states)
