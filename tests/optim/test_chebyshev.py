import pytest
import torch

from zoo.optim.chebyshev import _SMALLEST, chebyshev_loss
from zoo.optim.problems import Problems, Quadratic, randomly_scaled


def _problems(count=20, seed=0):
    return Quadratic(size=4).draw(count, steps=1, generator=torch.Generator().manual_seed(seed))


def _iterated(weight, target, theta, *, largest, smallest, steps):
    """The iteration itself, step by step, by its three-term recurrence."""
    middle, reach = (largest + smallest) / 2, (largest - smallest) / 2
    rate, direction = 1 / middle, torch.zeros_like(theta)
    for step in range(steps):
        share = 0.0
        if step:
            share = (reach * rate) ** 2 / (2 if step == 1 else 4)
            rate = 1 / (middle - share / rate)
        direction = share * direction - weight.T @ (weight @ theta - target)
        theta = theta + rate * direction
    return (weight @ theta - target).square().sum()


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_the_loss_is_that_of_the_iteration_at_its_best_lower_bound(steps):
    problems = _problems(count=3)
    for number, loss in enumerate(chebyshev_loss(problems, steps=steps)):
        weight, target = (each[number].double() for each in problems.fixed)
        largest = float(torch.linalg.matrix_norm(weight, 2).square())
        start = problems.start[number].double()
        losses = [_iterated(weight, target, start, largest=largest, smallest=largest * float(share), steps=steps) for share in _SMALLEST]
        assert float(loss) == pytest.approx(float(min(losses)), rel=1e-4)


def test_no_steps_lead_nowhere():
    problems = _problems()
    start = torch.stack([Quadratic().loss(theta, *data) for theta, *data in zip(problems.start, *problems.fixed, strict=True)])
    assert torch.allclose(chebyshev_loss(problems, steps=0), start)


def test_no_momentum_at_any_rate_ends_lower():
    problems, steps = _problems(), 30
    lowest = torch.full((len(problems.start),), torch.inf)
    for rate in torch.logspace(-3, 0, 30):
        for momentum in (0.0, 0.5, 0.8, 0.9, 0.95):
            optimizer = torch.optim.SGD([theta := problems.start.clone().requires_grad_()], lr=float(rate), momentum=momentum)
            for _ in range(steps):
                optimizer.zero_grad()
                _losses(problems, theta).sum().backward()
                optimizer.step()
            lowest = torch.fmin(lowest, _losses(problems, theta).detach())
    assert (chebyshev_loss(problems, steps=steps).mean() < lowest.mean()).item()


def test_random_units_are_those_of_the_start():
    problems = _problems()
    scaled = randomly_scaled(problems, 1.0, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(chebyshev_loss(scaled, steps=3), chebyshev_loss(problems, steps=3), rtol=1e-3)


def _losses(problems: Problems, theta):
    weight, target = problems.fixed
    return ((weight @ theta[..., None])[..., 0] - target).square().sum(1)
