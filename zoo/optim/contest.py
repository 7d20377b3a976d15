"""Optimisers side by side: hand-made ones at their best learning rates, and a learned one, over the same problems.

Sizes in shapes: P problems, D parameters of each, S sets of problems, T1 = T + 1 steps and the start.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer, RMSprop

from zoo.optim.haykin import HaykinMomentum
from zoo.optim.problems import Family, Problems
from zoo.optim.roll_out import loss_on_all_data, slope_of

K = TypeVar("K")

OptimizerFactory = Callable[[list[Tensor]], Optimizer]
"""Builds an optimiser over parameters of shape P x D; it must treat every number alike."""

DIVERGED = 1e6
"""What a larger loss, or one that is no number, counts as: medians can be computed with it, and cards can show it."""

_A_DECADE = 4  # learning rates that are tried
_DECADES = (-3, 1)  # between which powers of ten they are at first
_FURTHEST = 9  # powers of ten beyond which none is tried
_ANNEALED = 0.01  # Haykin's last rate, as a share of the first

HAND_MADE: Mapping[str, Callable[[list[Tensor], float, int], Optimizer]] = {
    "SGD": lambda params, lr, steps: SGD(params, lr=lr),
    "momentum": lambda params, lr, steps: SGD(params, lr=lr, momentum=0.9),
    "NAG": lambda params, lr, steps: SGD(params, lr=lr, momentum=0.9, nesterov=True),
    "RMSprop": lambda params, lr, steps: RMSprop(params, lr=lr),
    "Adam": lambda params, lr, steps: Adam(params, lr=lr),
    "Haykin, annealed": lambda params, lr, steps: HaykinMomentum(params, lr=lr, decay=_ANNEALED ** (1 / steps)),
}
"""Takes the parameters, the learning rate and how many steps there will be. Haykin's rule with a constant rate is momentum."""


@dataclass(frozen=True)
class RaceResult:
    """What became of problems under one optimiser."""

    curve: Float[Tensor, "T1 P"]
    """Loss before each step and after the last, on that step's data."""
    final: Float[Tensor, " P"]
    """Loss on all data after the last step; ``DIVERGED`` where that is larger or no number."""


def race(makes: Mapping[K, OptimizerFactory], family: Family, problems: Problems, *, steps: int) -> dict[K, RaceResult]:
    """Let every optimiser take so many steps on every problem; all slopes of a step are computed in one call.

    Args:
        makes: The optimisers by name.
        family: Of the problems.
        problems: The same for each.
        steps: Number of steps T.
    """
    slope = slope_of(family, _repeated(problems, len(makes)))
    thetas: list[Tensor] = [torch.nn.Parameter(problems.start.clone()) for _ in makes]
    optimizers, curve = [make([theta]) for make, theta in zip(makes.values(), thetas, strict=True)], []
    with torch.no_grad():
        for step in range(steps + 1):
            gradients, loss = slope(torch.cat(thetas), step)
            curve.append(loss)
            if step < steps:
                for optimizer, theta, gradient in zip(optimizers, thetas, gradients.chunk(len(thetas)), strict=True):
                    theta.grad = gradient
                    optimizer.step()
        curves = torch.stack(curve).chunk(len(thetas), 1)
        finals = [loss_on_all_data(family, problems, theta).nan_to_num(DIVERGED).clamp(max=DIVERGED) for theta in thetas]
    return {name: RaceResult(*result) for name, *result in zip(makes, curves, finals, strict=True)}


def tuned(name: str, family: Family, problems: Problems, *, steps: int) -> float:
    """The learning rate, of four a decade, at which a hand-made optimiser ends lowest in the mean over the problems.

    From 0.001 to 10 all are tried; while the best lies at an end, those of the decade beyond it too.
    """
    losses: dict[int, float] = {}  # by the rate's exponent, in parts of a decade
    limit = _A_DECADE * _FURTHEST
    found = range(_A_DECADE * _DECADES[0], _A_DECADE * _DECADES[1] + 1)
    while found:
        makes = {exponent: hand_made(name, _rate(exponent), steps=steps) for exponent in found}
        losses |= {exponent: float(result.final.mean()) for exponent, result in race(makes, family, problems, steps=steps).items()}
        best = min(losses, key=lambda exponent: (losses[exponent], exponent))  # where all diverge, the least
        if best == min(losses):
            found = range(max(best - _A_DECADE, -limit), best)
        elif best == max(losses):
            found = range(best + 1, min(best + _A_DECADE, limit) + 1)
        else:
            break
    return _rate(best)


def _rate(exponent: int) -> float:
    return 10.0 ** (exponent / _A_DECADE)


def hand_made(name: str, rate: float, *, steps: int) -> OptimizerFactory:
    """A hand-made optimiser at a learning rate, for so many steps."""
    return lambda params: HAND_MADE[name](params, rate, steps)


def _repeated(problems: Problems, times: int) -> Problems:
    def repeat(each: Tensor, axis: int) -> Tensor:
        return torch.cat([each] * times, axis)

    return Problems(
        repeat(problems.start, 0),
        repeat(problems.scale, 0),
        problems.shared,
        tuple(repeat(each, 0) for each in problems.fixed),
        tuple(repeat(each, 1) for each in problems.stream),
    )
