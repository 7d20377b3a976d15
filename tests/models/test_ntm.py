import re

import pytest
import torch

import zoo
from zoo.errors import ZooError
from zoo.functions.ntm_emission import cut


def test_a_machine_has_about_the_papers_number_of_parameters():
    """67,561 with an LSTM controller and 17,162 with a feed-forward one; theirs learn where heads and memory start."""
    count = {name: sum(p.numel() for p in zoo.get_model("ntm", controller=name).parameters()) for name in ("lstm", "feed-forward")}
    assert count == {"lstm": 62_480, "feed-forward": 13_380}


def test_heads_start_at_the_first_row():
    """After a cast too, which puts plain tensors in the place of buffers."""
    for model in (zoo.get_model("ntm"), zoo.get_model("ntm").double()):
        model.memory.fill_(7.0)
        model.reset_parameters()
        assert model.address.softmax(-1)[:, 0].min() > 0.99
        assert torch.equal(model.memory, torch.full_like(model.memory, 1e-6))


def test_backward_may_be_called_within_autocast():
    torch.manual_seed(0)
    model, x = zoo.get_model("ntm"), torch.rand(2, 3, 9)
    with torch.autocast("cpu", torch.bfloat16):
        model(x).float().square().sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize(("begin", "gate", "strength", "still"), [("waiting", -3, 0, 2), ("searching", 0, 5, 0)])
def test_heads_begin_by_waiting_or_by_searching(begin, gate, strength, still):
    """One that waits has its gate nearly shut and, if it reads, stays; one that searches has it half open and is sure of its content."""
    torch.manual_seed(0)
    model = zoo.get_model("ntm", begin=begin)
    said = cut(model.emit.bias.detach(), model.sizes)
    assert (said.gate - gate).abs().max() < 0.1
    assert (said.strength - strength).abs().max() < 0.1
    assert (said.shift - torch.tensor([[0.0, still, 0.0], [0.0, 0.0, 0.0]])).abs().max() < 0.1, "the write head moves on"


def test_only_forget_gates_begin_as_told():
    torch.manual_seed(0)
    model = zoo.get_model("ntm", forget=7.0)
    gates = model.bias.detach().view(4, 100)
    assert (gates[1] - 7).abs().max() <= 0.1
    assert gates[[0, 2, 3]].abs().max() <= 0.1
    for forget in (float("nan"), float("inf")):
        with pytest.raises(ZooError, match=f"forget {forget}: must be a finite number"):
            zoo.get_model("ntm", forget=forget)


@pytest.mark.parametrize("options", [{"memory": "learned", "address": "learned"}, {"reads": 2, "writes": 3, "controller": "feed-forward"}])
def test_every_parameter_of_every_machine_is_reached(options):
    torch.manual_seed(0)
    model = zoo.get_model("ntm", **options)
    model(torch.randn(2, 6, 9)).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().sum() > 0, name


def test_the_trace_is_of_the_same_run():
    model, x = zoo.get_model("ntm", reads=2), torch.randn(3, 5, 9)
    trace = model.trace(x)
    torch.testing.assert_close(trace.output, model(x))
    assert not trace.output.requires_grad
    assert [each.shape for each in trace[1:]] == [(3, 5, 3, 128), (3, 5, 128, 20), (3, 5, 2, 20), (3, 5, 1, 20)]
    torch.testing.assert_close(trace.read, trace.weight[:, :, :2] @ trace.memory)


def test_the_trace_shows_what_is_added():
    model = zoo.get_model("ntm")
    with torch.no_grad():
        model.emit.weight.zero_()
        cut(model.emit.bias, model.sizes).add.copy_(torch.arange(20.0)[None])
    assert torch.equal(model.trace(torch.zeros(1, 3, 9)).add, torch.arange(20.0).expand(1, 3, 1, 20))


@pytest.mark.parametrize("arch", ["ntm", "lstm_transducer"])
def test_a_width_that_it_was_not_built_for_and_a_sequence_without_steps_are_refused(arch):
    model = zoo.get_model(arch)
    for wrong in (torch.zeros(2, 4, 8), torch.zeros(2, 0, 9)):
        with pytest.raises(ZooError, match=rf"{re.escape(str(tuple(wrong.shape)))}: must be batch x steps x 9 numbers"):
            model(wrong)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"shifts": 2}, "2 shifts: must be an odd number"),
        ({"shifts": 5, "rows": 3}, "5 shifts over a memory of 3 rows"),
        ({"rows": 0}, "rows 0: must"),
        ({"hidden": 0}, "hidden 0: must"),
        ({"shifts": -1}, "-1 shifts: must be an odd number"),
    ],
)
def test_machines_that_cannot_be_are_refused(options, complaint):
    with pytest.raises(ZooError, match=complaint):
        zoo.get_model("ntm", **options)


@pytest.mark.parametrize("size", ["inputs", "outputs", "hidden", "layers"])
def test_an_lstm_without_a_size_is_refused(size):
    with pytest.raises(ZooError, match=f"{size} 0: must be at least 1"):
        zoo.get_model("lstm_transducer", **{size: 0})
