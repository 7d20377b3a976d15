import pytest
import torch
from torch import nn

from zoo.errors import ZooError
from zoo.functions import native
from zoo.layers.lstm import LSTM, LSTMCell


def _pair(**options):
    ours, theirs = LSTM(3, 4, **options), nn.LSTM(3, 4, **options)
    theirs.load_state_dict(ours.state_dict())
    ours.load_state_dict(theirs.state_dict())
    return ours.double(), theirs.double()


@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("given", [False, True])
def test_equals_its_torch_counterpart_with_the_same_weights(num_layers, batch_first, given):
    ours, theirs = _pair(num_layers=num_layers, batch_first=batch_first)
    x = torch.randn(5, 2, 3).double()
    batch = 5 if batch_first else 2
    state = tuple(torch.randn(2, num_layers, batch, 4).double()) if given else None
    found, expected = ours(x, state), theirs(x, state)
    for (output, (h, c)), model in ((found, ours), (expected, theirs)):
        (output.square().sum() + h.sum() + 2 * c.sum()).backward()
        assert all(each.grad is not None for each in model.parameters())
    torch.testing.assert_close(found, expected)
    for (name, our), their in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(our.grad, their.grad, msg=name)


def test_cell_exchanges_weights_with_its_torch_counterpart():
    ours, theirs = LSTMCell(3, 4), nn.LSTMCell(3, 4)
    theirs.load_state_dict(ours.state_dict())
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3)
    state = ours(x)
    torch.testing.assert_close(state, theirs(x))
    torch.testing.assert_close(ours(x, state), theirs(x, state))


@pytest.mark.parametrize("batch_first", [False, True])
def test_the_native_side_gives_the_same(batch_first):
    model = LSTM(3, 4, num_layers=2, batch_first=batch_first)
    x = torch.randn(5, 2, 3)
    manual = model(x)
    with native():
        torch.testing.assert_close(model(x), manual)


def test_dropout_acts_between_layers_in_training_alone():
    model = LSTM(3, 4, num_layers=2, dropout=0.5)
    x = torch.randn(5, 2, 3)
    assert not torch.equal(model(x)[0], model(x)[0])
    model.eval()
    assert torch.equal(model(x)[0], model(x)[0])


@pytest.mark.parametrize("batch_first", [False, True])
def test_the_trace_says_how_each_state_came_about(batch_first):
    model = LSTM(3, 4, num_layers=2, batch_first=batch_first)
    x = torch.randn(5, 2, 3)
    output, (h, c) = model(x)
    traces = model.trace(x)
    assert torch.equal(traces[1].output.transpose(0, 1) if batch_first else traces[1].output, output)
    for layer, trace in enumerate(traces):
        assert torch.equal(trace.output[-1], h[layer])
        assert torch.equal(trace.cell[-1], c[layer])
        cell = trace.forget_gate[1:] * trace.cell[:-1] + trace.input_gate[1:] * trace.candidate[1:]
        torch.testing.assert_close(trace.cell[1:], cell)
        torch.testing.assert_close(trace.output, trace.output_gate * trace.cell.tanh())


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
def test_autocast_leaves_the_recurrence_in_single_precision(device):
    model, x = LSTM(3, 4, num_layers=2).to(device), torch.randn(5, 2, 3, device=device)
    plain = torch.autograd.grad(model(x)[0].sum(), model.weight_hh_l0)[0]
    with torch.autocast(device, dtype=torch.bfloat16):
        output = model(x)[0]
        (mixed,) = torch.autograd.grad(output.sum(), model.weight_hh_l0)
        assert LSTM(4, 4).to(device)(output.bfloat16())[0].dtype == torch.bfloat16
    assert output.dtype == torch.float
    assert torch.equal(mixed, plain)


def test_a_state_carried_on_continues_the_sequence():
    model = LSTM(3, 4, num_layers=2)
    x = torch.randn(6, 2, 3)
    whole, last = model(x)
    first, state = model(x[:2])
    rest, end = model(x[2:], state)
    torch.testing.assert_close(torch.cat([first, rest]), whole)
    torch.testing.assert_close(end, last)


def test_wrong_inputs_and_states_are_refused_in_a_line():
    model = LSTM(3, 4, batch_first=True)
    with pytest.raises(ZooError, match=r"shape \(2, 5, 7\): must be a tensor of batch x steps x 3 features"):
        model(torch.zeros(2, 5, 7))
    with pytest.raises(ZooError, match="hidden state of shape"):
        model(torch.zeros(2, 5, 3), (torch.zeros(1, 1, 4), torch.zeros(1, 2, 4)))
    with pytest.raises(ZooError, match="batch x 3 features"):
        LSTMCell(3, 4)(torch.zeros(2, 7))
