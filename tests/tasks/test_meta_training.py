import pytest
import torch

from zoo.errors import ZooError
from zoo.models.l2l import CoordinatewiseLSTM
from zoo.optim.problems import Quadratic
from zoo.optim.roll_out import RolloutState, roll_out, slope_of
from zoo.tasks.meta_options import MetaOptions
from zoo.tasks.meta_training import MetaTraining, sampled

FAMILY = Quadratic(size=4)


def _task(**options):
    torch.manual_seed(0)
    model = CoordinatewiseLSTM(hidden=5).double()
    return MetaTraining(model, MetaOptions(**options), train=FAMILY, validation=FAMILY, length=6)


def _problems(count=3):
    problems = FAMILY.draw(count, steps=1, generator=torch.Generator().manual_seed(0))
    return problems._replace(
        start=problems.start.double(), scale=problems.scale.double(), fixed=tuple(each.double() for each in problems.fixed)
    )


def _gradient(task, reached=None, *, steps=4):
    problems = _problems()
    task.zero_grad()
    objective, *_ = task.unroll(slope_of(FAMILY, problems), reached or RolloutState(problems.start), steps)
    objective.backward()
    return [parameter.grad.clone() for parameter in task.model.parameters()]


def _by_loop(task, *, steps, second_order, logarithm=False):
    """One problem after the other, step by step, through the losses themselves."""
    task.zero_grad()
    problems, total = _problems(), torch.zeros((), dtype=torch.double)
    for start, *data in zip(problems.start, *problems.fixed, strict=True):
        theta, state = start.clone().requires_grad_(), None
        for step in range(steps + 1):
            loss = FAMILY.loss(theta, *data)
            total = total + (loss.log() if logarithm else loss)
            (gradient,) = torch.autograd.grad(loss, theta, create_graph=True)
            if step < steps:
                change, state = task.model.advance((gradient if second_order else gradient.detach())[None], state)
                theta = theta + change[0]
    (total / len(problems.start) / (steps + 1)).backward()
    return [parameter.grad.clone() for parameter in task.model.parameters()]


@pytest.mark.parametrize("second_order", [False, True])
@pytest.mark.parametrize("objective", ["loss", "log-loss"])
def test_the_gradient_is_that_of_a_loop_over_problems_and_steps(second_order, objective):
    task = _task(second_order=second_order, objective=objective)
    expected = _by_loop(task, steps=4, second_order=second_order, logarithm=objective == "log-loss")
    for ours, theirs in zip(_gradient(task), expected, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-12, rtol=1e-9)


def test_the_second_order_makes_a_difference():
    first, second = (_gradient(_task(second_order=each)) for each in (False, True))
    assert any((a - b).abs().max() > 1e-7 * a.abs().max() for a, b in zip(first, second, strict=True))


def test_some_coordinates_estimate_the_gradient_of_all():
    expected = _gradient(_task())
    task = _task(coordinates=6)
    found = [torch.stack(each).mean(0) for each in zip(*(_gradient(task) for _ in range(800)), strict=True)]
    error = sum((a - b).square().sum() for a, b in zip(expected, found, strict=True))
    assert error < 0.02 * sum(each.square().sum() for each in expected)


def test_coordinates_are_drawn_by_their_size_and_counted_by_its_inverse():
    torch.manual_seed(0)
    size = torch.tensor([0.0, 3.0, 1.0])
    index, weight = sampled(size, 4000)
    assert index.bincount() / 4000 == pytest.approx(torch.tensor([0, 0.75, 0.25]), abs=0.03)
    assert torch.allclose(weight * size[index], torch.full((4000,), 4 / 4000))  # so each term adds as much to the sum


@pytest.mark.parametrize("total", [0.0, torch.inf, torch.nan])
def test_where_nothing_can_be_chosen_the_sum_is_what_it_was(total):
    index, weight = sampled(torch.tensor([0.0, total, 0.0]), 2)
    assert index.tolist() == [0, 1]
    assert weight.tolist() == pytest.approx([total, total], nan_ok=True)


@pytest.mark.parametrize("second_order", [False, True])
def test_no_derivative_goes_back_beyond_an_unroll(second_order):
    task, problems = _task(second_order=second_order), _problems()
    _, _, reached = task.unroll(slope_of(FAMILY, problems), RolloutState(problems.start), 3)
    assert reached.step == 3
    assert not any(each.requires_grad for each in (reached.theta, *reached.state))


def test_unrolls_follow_one_another_as_one_long_way():
    task, problems = _task(), _problems()
    slope = slope_of(FAMILY, problems)
    with torch.no_grad():
        _, whole = roll_out(task.model, slope, RolloutState(problems.start), steps=6)
    reached = RolloutState(problems.start)
    for steps in task._unrolls():
        _, _, reached = task.unroll(slope, reached, steps)
    assert torch.allclose(reached.theta, whole.theta, atol=1e-12)


@pytest.mark.parametrize(("unroll", "curriculum", "expected"), [(2, 0, [2, 2, 2]), (4, 0, [4, 2]), (2, 2, [2]), (10, 0, [6])])
def test_the_first_epochs_unrolls(unroll, curriculum, expected):
    task = _task(unroll=unroll, curriculum=curriculum)
    assert task._unrolls() == expected


@pytest.mark.parametrize(("unroll", "curriculum", "expected"), [(2, 2, [2, 4, 6, 6]), (1, 1, [1, 6, 6, 6])])
def test_the_curriculum_grows_from_one_unroll_to_all_steps_in_equal_parts(unroll, curriculum, expected, monkeypatch):
    task = _task(unroll=unroll, curriculum=curriculum)
    lengths = []
    for epoch in range(4):
        monkeypatch.setattr(MetaTraining, "current_epoch", epoch)
        lengths.append(sum(task._unrolls()))
    assert lengths == expected


def test_the_second_order_needs_all_coordinates():
    with pytest.raises(ZooError, match=r"give 0 with --task\.second-order"):
        MetaOptions(second_order=True, coordinates=5)


def _final(task):
    problems = FAMILY.draw(32, steps=1, generator=torch.Generator().manual_seed(9))
    with torch.no_grad():
        return float(roll_out(task.model, slope_of(FAMILY, problems), RolloutState(problems.start), steps=6)[0].loss[-1].mean())


def test_a_few_trajectories_make_a_better_optimiser():
    task = _task()
    task.model.float()
    before = _final(task)
    optimizer, generator = torch.optim.Adam(task.model.parameters(), lr=1e-2), torch.Generator().manual_seed(1)
    for _ in range(30):
        problems = FAMILY.draw(16, steps=1, generator=generator)
        slope, reached = slope_of(FAMILY, problems), RolloutState(problems.start)
        for steps in task._unrolls():
            objective, _, reached = task.unroll(slope, reached, steps)
            optimizer.zero_grad()
            objective.backward()
            optimizer.step()
    assert _final(task) < 0.8 * before
