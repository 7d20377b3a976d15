"""What pre-training is worth where few examples have labels, or all: a stack's classifier against the same network from random weights."""

import statistics
from pathlib import Path
from typing import Any

import torch

from zoo.benchmarks.labelled_problems import DataName, LabelCount, Problem, read_problem
from zoo.data.batches import Batches
from zoo.data.sets import Labelled
from zoo.errors import check_range
from zoo.functions.losses import LOSSES
from zoo.metrics.means import mean_interval
from zoo.models.dbn import DBN
from zoo.models.mlp import MLP
from zoo.registry import get_model
from zoo.tasks.greedy import GreedyPretraining
from zoo.tasks.optimizers import build_optimizer, build_schedule
from zoo.tasks.options import OptimizerOptions
from zoo.tasks.rbm_options import RBMOptions

_RATES = (3e-4, 1e-3, 3e-3)
_RBM = RBMOptions(final_lr=0.0, momentum_epochs=3)


def compare_pretraining(
    data: DataName, labels: LabelCount = "few", *, root: Path | None = None, draws: int = 5, machine_epochs: int = 10, seed: int = 0
) -> dict[str, Any]:
    """Pre-train once without labels; then fine-tune some times with them, from there and from random weights.

    Both sides have the same network, examples, steps and learning rates to choose from; each keeps the one with the lowest mean
    error on the validation data, all of which have labels.

    Args:
        data: What is learnt.
        labels: few: each time others of the examples have labels. all: each time only weights drawn at random and the order differ.
        root: Folder of the data.
        draws: How often that is done.
        machine_epochs: Epochs of pre-training of each machine.
        seed: Of everything.

    Returns:
        Test errors of both sides, and by what share of the mean error from random weights pre-training lowers them, with the 95 %
        interval of the mean over the drawings; all drawings share one pre-training.
    """
    check_range("--draws", draws, least=2)
    check_range("--machine-epochs", machine_epochs, least=1)
    check_range("--seed", seed, least=0, below=2**32)
    problem = read_problem(data, labels, root=root)
    torch.manual_seed(seed)
    stack = get_model("dbn", widths=problem.widths, units="gaussian" if problem.gaussian else "bernoulli")
    assert isinstance(stack, DBN)
    _pretrain(stack, problem.all, epochs=machine_epochs * len(stack.machines), seed=seed)
    (random_rate, random), (rate, pretrained) = (_errors(problem, start, draws, seed) for start in (None, stack))
    whole = statistics.mean(random) or 1.0  # where nothing is wrong there is nothing to lower
    gain = [(theirs - ours) / whole for ours, theirs in zip(pretrained, random, strict=True)]
    mean, low, high = mean_interval(gain)
    return {
        "test error from random weights": _each(random) | {"median error": statistics.median(random), "learning rate": random_rate},
        "test error, pre-trained": _each(pretrained) | {"median error": statistics.median(pretrained), "learning rate": rate},
        "lowered by": _each(gain) | {"mean": mean, "95 % interval from": low, "95 % interval to": high},
    }


def _each(values: list[float]) -> dict[str, float]:
    return {f"drawing {number}": value for number, value in enumerate(values, 1)}


def _pretrain(stack: DBN, data: Labelled, *, epochs: int, seed: int) -> None:
    greedy = GreedyPretraining(stack, _RBM, epochs=epochs, generator=torch.Generator().manual_seed(seed))
    optimizer = greedy.build_optimizer()
    batches = Batches(data.input, data.label, batch_size=100, seed=seed)
    for epoch in range(epochs):
        batches.sampler.set_epoch(epoch)
        greedy.begin_epoch(epoch, batches)
        for number, batch in enumerate(batches):
            done = epoch + number / len(batches)
            greedy.step(greedy.visible(batch), optimizer, epoch=done, number=epoch * len(batches) + number + 1)
            optimizer.step()


def _errors(problem: Problem, stack: DBN | None, draws: int, seed: int) -> tuple[float, list[float]]:
    """The learning rate with the lowest mean validation error, and test errors at it; from random weights without a stack."""
    tried = []
    for rate in _RATES:
        networks = [_fine_tuned(problem, stack, rate=rate, seed=seed + draw) for draw in range(draws)]
        tried.append((statistics.mean(map(problem.validation, networks)), rate, networks))
    _, rate, best = min(tried, key=lambda each: each[0])
    return rate, [problem.test(network) for network in best]


def _fine_tuned(problem: Problem, stack: DBN | None, *, rate: float, seed: int) -> MLP:
    generator = torch.Generator().manual_seed(seed)
    few = problem.draw(generator)
    torch.manual_seed(seed)
    network = MLP(inputs=problem.widths[0], widths=problem.widths[1:], activation="sigmoid") if stack is None else stack.to_mlp()
    options = OptimizerOptions(name="adamw", lr=rate)
    batches = Batches(few.input, few.label, batch_size=problem.batch_size, seed=seed)
    optimizer = build_optimizer(network.parameters(), options)
    schedule = build_schedule(optimizer, options, steps=problem.epochs * len(batches))
    for epoch in range(problem.epochs):
        batches.sampler.set_epoch(epoch)
        for x, label in batches:
            optimizer.zero_grad()
            LOSSES["cross-entropy"](network(x), label).backward()
            optimizer.step()
            schedule.step()
    return network
