import importlib.util
import math

import pytest
import torch

from zoo.errors import ZooError
from zoo.functions import lstm_through_time, native
from zoo.functions.draw import Draw
from zoo.functions.lstm import lstm, trace_lstm
from zoo.functions.lstm_cell import lstm_cell


def _arguments(steps=4, batch=3):
    draw = Draw()
    return draw(steps, batch, 5), draw(batch, 2), draw(batch, 2), draw(8, 5), draw(8, 2), draw(8)


def test_a_step_worked_out_by_hand():
    """Zero weights: the bias alone opens the input and output gates half, forgets a quarter, and proposes tanh(ln 2) = 0.6."""
    x, state, weight = torch.zeros(1, 1), torch.zeros(1, 1), torch.zeros(4, 1)
    bias = torch.tensor([0.0, math.log(3.0), math.log(2.0), 0.0])
    h, c = lstm_cell(x, state, torch.ones(1, 1), weight, weight, bias)
    assert c.item() == pytest.approx(0.75 * 1 + 0.5 * 0.6)
    assert h.item() == pytest.approx(0.5 * math.tanh(1.05))


def test_a_sequence_is_one_cell_after_another():
    x, h, c, *parameters = _arguments()
    output, h_n, c_n = lstm(x, h, c, *parameters)
    for step, found in zip(x, output, strict=True):
        h, c = lstm_cell(step, h, c, *parameters)
        torch.testing.assert_close(found, h)
    torch.testing.assert_close((h_n, c_n), (h, c))


def test_the_gradient_for_a_second_derivative_equals_the_one_by_hand():
    """A tanh before the sequence, and a state made of the input: each must count once."""
    x, _, c, *parameters = _arguments()

    def gradient(create_graph):
        inner = x.tanh()
        output, h_n, _ = lstm(inner, inner[0, :, :2], c, *parameters)
        return torch.autograd.grad(output.square().sum() + h_n.sum(), [x, *parameters], create_graph=create_graph)

    torch.testing.assert_close(gradient(True), gradient(False))


@pytest.mark.parametrize("dtype", [torch.float, torch.double])
def test_a_gradient_penalty_reaches_every_weight(dtype):
    arguments = [each.detach().to(dtype).requires_grad_() for each in _arguments()]
    (slope,) = torch.autograd.grad(lstm(*arguments)[0].sum(), arguments[0], create_graph=True)
    penalty = torch.autograd.grad(slope.square().sum(), arguments[3:])
    assert all(each.abs().sum() > 0 for each in penalty)


def test_going_back_twice_gives_the_same_twice():
    arguments = _arguments()
    loss = lstm(*arguments)[0].square().sum()
    first = torch.autograd.grad(loss, arguments, retain_graph=True)
    torch.testing.assert_close(torch.autograd.grad(loss, arguments), first)


def test_the_last_cell_state_alone_can_be_differentiated():
    arguments = _arguments()
    ours = torch.autograd.grad(lstm(*arguments)[2].sum(), arguments)
    with native():
        theirs = torch.autograd.grad(lstm(*arguments)[2].sum(), arguments)
    torch.testing.assert_close(ours, theirs)


def test_a_gradient_for_each_sample_equals_one_sample_after_another():
    x, h, c, *parameters = (each.detach() for each in _arguments())

    def loss(weight, x, h, c):
        return lstm(x[:, None], h[None], c[None], parameters[0], weight, parameters[2])[0].square().sum()

    together = torch.vmap(torch.func.grad(loss), in_dims=(None, 1, 0, 0))(parameters[1], x, h, c)
    apart = [torch.func.grad(loss)(parameters[1], x[:, sample], h[sample], c[sample]) for sample in range(3)]
    torch.testing.assert_close(together, torch.stack(apart))


def test_vmap_over_sequences_alone_shares_the_weights():
    x, h, c, *parameters = (each.detach() for each in _arguments())
    several = torch.stack([x, 2 * x])
    together = torch.vmap(lambda x: lstm(x, h, c, *parameters))(several)
    for found, *expected in zip(together, lstm(x, h, c, *parameters), lstm(2 * x, h, c, *parameters), strict=True):
        torch.testing.assert_close(found, torch.stack(expected))


def test_a_saturated_memory_keeps_its_state_and_passes_its_gradient_on():
    """Forget gate open, input gate shut: a hundred steps later the cell state and its gradient are what they were."""
    bias = torch.tensor([-100.0, 100.0, 0.0, 0.0])
    c = torch.tensor([[0.7]], requires_grad=True)
    _, _, c_n = lstm(torch.randn(100, 1, 1), torch.zeros(1, 1), c, torch.ones(4, 1), torch.ones(4, 1), bias)
    assert c_n.item() == pytest.approx(0.7)
    assert torch.autograd.grad(c_n, c)[0].item() == pytest.approx(1.0)


def test_the_trace_leaves_no_graph():
    assert not any(each.requires_grad for each in trace_lstm(*_arguments()))


def test_a_sequence_without_steps_is_refused():
    with pytest.raises(ZooError, match="at least one step"):
        lstm(*_arguments(steps=0))


def test_the_default_device_while_importing_does_not_matter():
    spec = importlib.util.spec_from_file_location("imported_elsewhere", lstm_through_time.__file__)
    module = importlib.util.module_from_spec(spec)
    with torch.device("meta"):
        spec.loader.exec_module(module)
    arguments = _arguments()
    assert torch.equal(module.LSTMThroughTime.apply(*arguments)[0], lstm(*arguments)[0])
