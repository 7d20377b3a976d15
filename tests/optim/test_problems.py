import pytest
import torch
import torch.nn.functional as F
from torch import nn

from zoo.optim.contest import DIVERGED, hand_made, race, tuned
from zoo.optim.network_problem import NetworkTraining
from zoo.optim.problems import LogisticRegression, Quadratic, Rosenbrock, randomly_scaled
from zoo.optim.roll_out import loss_on_all_data, slope_of


def _network(**options):
    generator = torch.Generator().manual_seed(3)
    return NetworkTraining(torch.rand(30, 6, generator=generator), torch.arange(30) % 3, batch_size=7, **options)


FAMILIES = {
    "gaussian": Quadratic(),
    "uniform": Quadratic(entries="uniform", size=4),
    "rosenbrock": Rosenbrock(),
    "logistic": LogisticRegression(points=10),
    "network": _network(hidden=(5,)),
    "two layers": _network(hidden=(5, 4)),
    "relu": _network(hidden=(5,), activation="relu"),
}


def _draw(family, count=3, steps=2, seed=0):
    return family.draw(count, steps=steps, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_many_problems_at_once_have_the_slopes_of_each_alone(family):
    problems = randomly_scaled(_draw(family), 1.0, generator=torch.Generator().manual_seed(1))
    gradient, loss = slope_of(family, problems)(problems.start, 1)
    for number, (start, scale) in enumerate(zip(problems.start, problems.scale, strict=True)):
        theta = start.clone().requires_grad_()
        data = [*problems.shared, *(each[number] for each in problems.fixed), *(each[1, number] for each in problems.stream)]
        alone = family.loss(theta * scale, *data)
        alone.backward()
        assert torch.allclose(loss[number], alone, rtol=1e-5)
        assert torch.allclose(gradient[number], theta.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_random_units_change_the_parameters_and_not_the_problem(family):
    problems = _draw(family)
    scaled = randomly_scaled(problems, 3.0, generator=torch.Generator().manual_seed(1))
    assert not torch.allclose(scaled.start, problems.start)
    assert torch.allclose(loss_on_all_data(family, scaled, scaled.start), loss_on_all_data(family, problems, problems.start), rtol=1e-4)


def test_a_network_problem_is_that_network():
    family = _network(hidden=(5,), activation="relu")
    problems = _draw(family, count=1)
    network = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    w1, b1, w2, b2 = problems.start[0].split([30, 5, 15, 3])
    weights = {"0.weight": w1.view(6, 5).T, "0.bias": b1, "2.weight": w2.view(5, 3).T, "2.bias": b2}
    network.load_state_dict(weights)
    expected = F.cross_entropy(network(family.x), family.label)
    assert torch.allclose(loss_on_all_data(family, problems, problems.start)[0], expected)


def test_the_valley_is_lowest_at_one_and_one():
    assert Rosenbrock().loss(torch.ones(2)) == 0
    assert Rosenbrock().loss(torch.tensor([2.0, 3.0])) == 1 + 100


def test_uniform_quadratics_have_no_negative_numbers():
    assert min(each.min() for each in _draw(FAMILIES["uniform"]).fixed) >= 0


def test_a_race_gives_each_optimizer_what_it_would_do_alone():
    family, problems = FAMILIES["network"], _draw(FAMILIES["network"], steps=5)
    makes = {"momentum": hand_made("momentum", 0.3, steps=4), "Adam": hand_made("Adam", 0.1, steps=4)}
    together = race(makes, family, problems, steps=4)
    for name, make in makes.items():
        theta = nn.Parameter(problems.start.clone())
        optimizer, slope = make([theta]), slope_of(family, problems)
        for step in range(4):
            theta.grad, _ = slope(theta.detach(), step)
            optimizer.step()
        assert torch.allclose(together[name].final, loss_on_all_data(family, problems, theta), rtol=1e-5)
        assert together[name].curve.shape == (5, 3)


def test_the_tuned_rate_is_the_best_of_all_even_where_others_diverge():
    family, problems = FAMILIES["gaussian"], _draw(FAMILIES["gaussian"], count=8)
    best = tuned("SGD", family, problems, steps=30)
    final = {
        10 ** (each / 4): race({0: hand_made("SGD", 10 ** (each / 4), steps=30)}, family, problems, steps=30)[0].final.mean()
        for each in range(-12, 5)
    }
    assert final[max(final)] > 0.1 * DIVERGED
    assert final[best] == min(final.values())


@pytest.mark.parametrize(("unit", "factor"), [(1e-3, 1e-6), (1e3, 1e6)])
def test_rates_are_tried_beyond_the_first_ones_while_the_best_is_at_an_end(unit, factor):
    """In other units of the parameters, gradient descent goes the same way at a rate that is as many times the unit squared."""
    family, problems = FAMILIES["gaussian"], _draw(FAMILIES["gaussian"], count=8)
    elsewhere = problems._replace(start=problems.start * unit, scale=problems.scale / unit)
    assert tuned("SGD", family, elsewhere, steps=20) == pytest.approx(factor * tuned("SGD", family, problems, steps=20))


def test_haykins_rate_ends_at_a_hundredth():
    theta = nn.Parameter(torch.zeros(1))
    optimizer = hand_made("Haykin, annealed", 0.5, steps=20)([theta])
    for _ in range(20):
        theta.grad = torch.zeros(1)
        optimizer.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.005)
