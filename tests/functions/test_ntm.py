import contextlib

import pytest
import torch

from zoo.errors import ZooError
from zoo.functions import native
from zoo.functions.content_addressing import content_addressing
from zoo.functions.draw import Draw
from zoo.functions.ntm import ntm
from zoo.functions.ntm_emission import HeadSizes, cut

SIZES = HeadSizes(reads=1, writes=1, width=3, shifts=3)


def _arguments(sizes=SIZES, *, steps=4, batch=2, rows=5, units=4, memory=None, emit_bias=None, dtype=torch.double):
    draw = Draw(dtype=dtype)
    found = sizes.reads * sizes.width
    return (
        *(draw(steps, batch, 2), sizes, draw(batch, rows, sizes.width) if memory is None else memory),
        *(draw.distribution(batch, sizes.heads, rows), draw(batch, found + units), draw(batch, units)),
        *(draw(4 * units, 2), draw(4 * units, found + units), draw(4 * units), draw(sizes.total, units)),
        draw(sizes.total) if emit_bias is None else emit_bias,
    )


def _said(sizes=SIZES, **parts):
    """An emission's bias that says this, whatever the controller says: its weights are zero."""
    bias = torch.zeros(sizes.total)
    emission = cut(bias, sizes)
    for name, value in parts.items():
        getattr(emission, name).copy_(torch.as_tensor(value, dtype=bias.dtype))
    return bias


def _run(bias, *, memory, weight, steps=1, sizes=SIZES):
    found = sizes.reads * sizes.width
    zeros = torch.zeros
    return ntm(
        *(zeros(steps, 1, 2), sizes, memory, weight, zeros(1, found + 4), zeros(1, 4)),
        *(zeros(16, 2), zeros(16, found + 4), zeros(16), zeros(sizes.total, 4), bias),
    )


def test_a_head_told_to_move_by_one_stands_on_the_next_row_after_each_step():
    """Equation 8's sign; the gate is shut, and the exponent sharpens what the softmax of the shift blurs."""
    bias = _said(gate=-30, exponent=5, shift=[0.0, 0.0, 30.0])
    _, weight, _ = _run(bias, memory=torch.rand(1, 5, 3), weight=torch.eye(5)[[0, 0]][None], steps=7)
    assert weight[:, 0, 0].argmax(-1).tolist() == [1, 2, 3, 4, 0, 1, 2]
    assert torch.allclose(weight.sum(-1), torch.ones(7, 1, 2))


def test_what_is_written_is_read_in_the_same_step():
    bias = _said(gate=-30, erase=30, exponent=30, shift=[0.0, 30.0, 0.0], add=[1.0, -2.0, 3.0])
    state, _, memory = _run(bias, memory=torch.rand(1, 5, 3), weight=torch.eye(5)[[2, 2]][None])
    assert torch.allclose(memory[0, 0, 2], torch.tensor([1.0, -2.0, 3.0]), atol=1e-5)
    assert torch.allclose(state[0, 0, :3], torch.tensor([1.0, -2.0, 3.0]), atol=1e-5)


def test_an_open_gate_and_a_strong_key_find_the_row_that_resembles_it():
    memory = torch.eye(3)[[0, 1, 2, 0, 1]][None] + torch.tensor([0.0, 0.0, 0.0, 0.2, 0.2])[None, :, None]
    bias = _said(gate=30, strength=20, exponent=-30, shift=[0.0, 30.0, 0.0], key=[0.0, 0.0, 1.0])
    _, weight, _ = _run(bias, memory=memory, weight=torch.full((1, 2, 5), 0.2))
    expected = content_addressing(torch.tensor([[[0.0, 0.0, 1.0]]]), torch.tensor([[20.0]]), memory)
    assert torch.allclose(weight[0, 0, :1], expected[0], atol=1e-5)


@pytest.mark.parametrize("case", ["blank memory", "saturated gates", "sharpening 100"])
def test_gradients_are_finite_where_other_implementations_have_none(case):
    """Single precision, many steps, weights that underflow."""
    loud = {
        "blank memory": {},
        "saturated gates": {"gate": 100.0, "erase": 100.0, "strength": 100.0},
        "sharpening 100": {"exponent": 100.0},
    }
    memory = torch.zeros(2, 128, 3) if case == "blank memory" else None
    arguments = _arguments(steps=40, rows=128, memory=memory, emit_bias=_said(**loud[case]), dtype=torch.float)
    leaves = [each.detach().requires_grad_() if isinstance(each, torch.Tensor) else each for each in arguments]
    state, weight, _ = ntm(*leaves)
    state.square().sum().backward()
    assert weight.isfinite().all()
    assert torch.allclose(weight.sum(-1), torch.ones(()), atol=1e-5)
    for each in leaves:
        if isinstance(each, torch.Tensor):
            assert each.grad.isfinite().all()
            assert each.grad.abs().max() < 1e12


def test_going_back_twice_gives_the_same_twice():
    arguments = _arguments()
    wanted = [each for each in arguments if isinstance(each, torch.Tensor)]
    loss = ntm(*arguments)[0].square().sum()
    first = torch.autograd.grad(loss, wanted, retain_graph=True)
    torch.testing.assert_close(torch.autograd.grad(loss, wanted), first)


@pytest.mark.parametrize("place", range(3))
def test_a_result_that_was_changed_in_place_is_not_differentiated_through(place):
    results = ntm(*_arguments())
    loss = results[0].square().sum()
    with torch.no_grad():
        results[place].mul_(0)
    with pytest.raises(RuntimeError, match=r"changed in place|modified inplace"):  # of the states, autograd says it
        loss.backward()


def test_in_inference_mode_there_is_nothing_to_watch():
    expected = ntm(*_arguments())[0]
    with torch.inference_mode():
        torch.testing.assert_close(ntm(*_arguments())[0], expected.detach())


def test_two_machines_side_by_side_do_not_see_each_other():
    arguments = _arguments()
    alone = [each[:, :1] if place == 0 else each[:1] for place, each in enumerate(arguments[:1] + arguments[2:6])]
    found = ntm(alone[0], SIZES, *alone[1:], *arguments[6:])[0]
    torch.testing.assert_close(found, ntm(*arguments)[0][:, :1])


def test_a_cut_emission_is_a_view_of_all_of_it():
    sizes = HeadSizes(reads=2, writes=3, width=4, shifts=5)
    emission = torch.zeros(2, sizes.total)
    for part in cut(emission, sizes):
        part.add_(1)
    assert torch.equal(emission, torch.ones_like(emission))


@pytest.mark.parametrize(
    ("sizes", "complaint"),
    [
        ({"shifts": 4}, "4 shifts: must be an odd number"),
        ({"reads": 0}, "0 read heads"),
        ({"writes": 0}, "0 write heads"),
        ({"width": 0}, "0 numbers a row"),
    ],
)
def test_impossible_heads_are_refused(sizes, complaint):
    with pytest.raises(ZooError, match=complaint):
        HeadSizes(**({"reads": 1, "writes": 1, "width": 3, "shifts": 3} | sizes))


@pytest.mark.parametrize("side", ["manual", "native"])
def test_a_shift_wider_than_the_memory_and_an_empty_sequence_are_refused(side):
    wide = HeadSizes(reads=1, writes=1, width=3, shifts=7)
    with native() if side == "native" else contextlib.nullcontext():
        with pytest.raises(ZooError, match="7 shifts over a memory of 5 rows"):
            ntm(*_arguments(wide))
        with pytest.raises(ZooError, match="at least one step"):
            ntm(*_arguments(steps=0))
