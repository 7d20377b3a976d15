"""The learned optimiser: a step against Adam's, and a step of its training against a plain Python loop over problems.

Both kinds of step are measured on the CPU in single precision. A step of training is an unroll over quadratics of 10 dimensions,
back-propagation through it, and a step of Adam on the network's weights.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from zoo.benchmarks.timing import check_counts, interleave, median_ratio, on_threads
from zoo.functions.learning_to_learn import preprocess_gradient, quadratic_native
from zoo.models.l2l import CoordinatewiseLSTM
from zoo.optim.learned import LearnedOptimizer
from zoo.optim.problems import Problems, Quadratic
from zoo.optim.roll_out import RolloutState, slope_of
from zoo.tasks.meta_options import MetaOptions
from zoo.tasks.meta_training import MetaTraining

_DEEP = 100  # layers of the deep network


def benchmark_l2l(*, parameters: int, problems: int, unroll: int, threads: tuple[int, ...], repeats: int) -> dict[str, Any]:
    """Time steps; set-up, the same for all, is not counted.

    Raises:
        ZooError: A number is below one.

    Returns:
        For every number of threads: seconds of each contender, and ratios of their speeds.
    """
    check_counts(parameters=parameters, problems=problems, unroll=unroll, threads=threads, repeats=repeats)
    figures: dict[str, Any] = {}
    for count in threads:
        with on_threads(count):
            figures[f"threads {count}"] = {
                "step, a network of three layers": _compare_steps(_network(parameters, 3), repeats),
                f"step, a network of {_DEEP} layers": _compare_steps(_network(parameters, _DEEP), repeats),
                "training": _compare_training(problems, unroll, repeats),
            }
    return figures


def _network(parameters: int, layers: int) -> nn.Module:
    """Square layers of so many numbers in all, about, with gradients."""
    width = max(1, round((parameters / layers) ** 0.5))
    network = nn.Sequential(*(nn.Linear(width, width) for _ in range(layers)))
    for parameter in network.parameters():
        parameter.grad = torch.randn_like(parameter)
    return network


def _compare_steps(network: nn.Module, repeats: int) -> dict[str, Any]:
    parameters = list(network.parameters())
    count = sum(parameter.numel() for parameter in parameters)
    steps = {
        "learned": LearnedOptimizer(parameters, CoordinatewiseLSTM()).step,
        "Adam, foreach": Adam(parameters, foreach=True).step,
        "the learned one's matrix products alone": _products(count),
    }
    timing = interleave({name: partial(_seconds, step) for name, step in steps.items()}, repeats=repeats)
    figures: dict[str, Any] = {name: found.figures() for name, found in timing.items()}
    adam = timing["Adam, foreach"]
    figures["learned / Adam, foreach"] = median_ratio(timing["learned"], adam)
    figures["matrix products alone / Adam, foreach"] = median_ratio(timing["the learned one's matrix products alone"], adam)
    return figures


def _products(count: int) -> Callable[[], None]:
    """What no implementation of the network can leave out, into memory that is there."""
    weights = [torch.randn(80, 22), torch.randn(80, 40)]
    seen, out = [torch.randn(22, count), torch.randn(40, count)], torch.empty(80, count)

    def step() -> None:
        for weight, x in zip(weights, seen, strict=True):
            torch.mm(weight, x, out=out)

    return step


def _compare_training(problems: int, unroll: int, repeats: int) -> dict[str, Any]:
    drawn = Quadratic().draw(problems, steps=unroll + 1, generator=torch.Generator().manual_seed(0))
    steps = {"zoo": _zoo(drawn, unroll), "plain loop over problems": _plain(drawn, unroll)}
    timing = interleave({name: partial(_seconds, step) for name, step in steps.items()}, repeats=repeats)
    figures: dict[str, Any] = {name: found.figures() | {"steps a second": 1 / found.median} for name, found in timing.items()}
    figures["plain loop over problems / zoo"] = median_ratio(timing["plain loop over problems"], timing["zoo"])
    return figures


def _seconds(step: Callable[[], Any]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def _zoo(problems: Problems, unroll: int) -> Callable[[], None]:
    family, model = Quadratic(), CoordinatewiseLSTM()
    task = MetaTraining(model, MetaOptions(), train=family, validation=family, length=unroll)
    optimizer = Adam(model.parameters())

    def step() -> None:
        objective, *_ = task.unroll(slope_of(family, problems), RolloutState(problems.start), unroll)
        _descend(optimizer, objective)

    return step


def _plain(problems: Problems, unroll: int) -> Callable[[], None]:
    """As one writes it down: one problem after the other, PyTorch's cells, and what they see detached."""
    cells, output = nn.ModuleList([nn.LSTMCell(2, 20), nn.LSTMCell(20, 20)]), nn.Linear(20, 1)
    optimizer = Adam([*cells.parameters(), *output.parameters()])

    def objective(theta: Tensor, weight: Tensor, target: Tensor) -> Tensor:
        theta, total = theta.clone().requires_grad_(), torch.zeros(())
        states: list[Any] = [None, None]
        for _ in range(unroll):
            loss = quadratic_native(theta, weight, target)
            total = total + loss
            (gradient,) = torch.autograd.grad(loss, theta, retain_graph=True)
            x = preprocess_gradient(gradient.detach())
            for number, cell in enumerate(cells):
                states[number] = cell(x, states[number])
                x = states[number][0]
            theta = theta + 0.1 * output(x)[:, 0]
        return total + quadratic_native(theta, weight, target)

    def step() -> None:
        each = [objective(*problem) for problem in zip(problems.start, *problems.fixed, strict=True)]
        _descend(optimizer, torch.stack(each).mean())

    return step


def _descend(optimizer: Optimizer, objective: Tensor) -> None:
    optimizer.zero_grad()
    objective.backward()
    optimizer.step()
