"""Families of random problems that an optimiser is trained on, or measured on: many problems of a family are solved at once.

Sizes in shapes: P problems, D parameters of each, T steps, R rows, N points.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.learning_to_learn import quadratic_native


class Problems(NamedTuple):
    """So many problems of one family; the loss of one takes its parameters, then its part of ``shared``, ``fixed`` and ``stream``."""

    start: Float[Tensor, "P D"]
    """Where the parameters begin."""
    scale: Float[Tensor, "P D"]
    """What the loss multiplies them by; ones, unless parameters are scaled at random."""
    shared: tuple[Tensor, ...] = ()
    """Data of all problems, such as pictures."""
    fixed: tuple[Tensor, ...] = ()
    """Data of each problem, the first axis P."""
    stream: tuple[Tensor, ...] = ()
    """Data of each step and problem, such as which pictures a batch holds; the first axes T and P."""

    def at(self, step: int) -> tuple[Tensor, ...]:
        """What ``stream`` holds for a step."""
        return tuple(each[step] for each in self.stream)


@runtime_checkable
class Family(Protocol):
    """What problems have in common."""

    def draw(self, count: int, *, steps: int, generator: torch.Generator) -> Problems:
        """Random problems, with data for so many steps."""

    def loss(self, theta: Float[Tensor, " D"], *data: Tensor) -> Float[Tensor, ""]:
        """What one problem's parameters cost, on its data of one step."""

    def whole(self) -> tuple[Tensor, ...]:
        """What stands for a step's part of ``stream`` in the loss on all data."""


@dataclass(frozen=True)
class Quadratic:
    """The quadratics that the slides name: ``|W theta - y|^2`` with a random matrix and a random vector.

    Args:
        entries: Distribution of their numbers: standard ``gaussian``, as in the paper, or ``uniform`` in [0, 1), as in its code.
        size: Rows and columns of the matrix.

    References:
        Andrychowicz et al. 2016, section 3.1; slide D0:1411.
    """

    entries: Literal["gaussian", "uniform"] = "gaussian"
    size: int = 10

    def draw(self, count: int, *, steps: int, generator: torch.Generator) -> Problems:
        """Matrices and vectors; parameters start near zero."""
        draw = torch.randn if self.entries == "gaussian" else torch.rand
        weight = draw(count, self.size, self.size, generator=generator)
        target = draw(count, self.size, generator=generator)
        return unscaled(0.01 * torch.randn(count, self.size, generator=generator), fixed=(weight, target))

    def loss(self, theta: Float[Tensor, " D"], *data: Tensor) -> Float[Tensor, ""]:
        """The squared length of the residual."""
        return quadratic_native(theta, *data)

    def whole(self) -> tuple[Tensor, ...]:
        """No step differs from another."""
        return ()


@dataclass(frozen=True)
class Rosenbrock:
    """The curved valley ``(1 - x)^2 + 100 (y - x^2)^2``, from a random place in the square of side 4 around zero.

    References:
        Rosenbrock, "An automatic method for finding the greatest or least value of a function", The Computer Journal 1960.
    """

    def draw(self, count: int, *, steps: int, generator: torch.Generator) -> Problems:
        """Places to start from."""
        return unscaled(4 * torch.rand(count, 2, generator=generator) - 2)

    def loss(self, theta: Float[Tensor, " D"], *data: Tensor) -> Float[Tensor, ""]:
        """The height of the valley; 0 at (1, 1)."""
        x, y = theta.unbind(-1)
        return (1 - x).square() + 100 * (y - x.square()).square()

    def whole(self) -> tuple[Tensor, ...]:
        """No step differs from another."""
        return ()


@dataclass(frozen=True)
class LogisticRegression:
    """Telling two random clouds of points apart by a plane, with a little weight decay.

    Args:
        points: Points N of both clouds together, an even number.
        size: Dimensions of the space.
        decay: Weight decay.

    References:
        Li and Malik, "Learning to optimize", 2016, section 5.1.
    """

    points: int = 100
    size: int = 3
    decay: float = 5e-4

    def __post_init__(self) -> None:
        if self.points < 2 or self.points % 2:
            raise ZooError(f"points {self.points}: two clouds of as many points each have an even number of them, 2 or more")

    def draw(self, count: int, *, steps: int, generator: torch.Generator) -> Problems:
        """Clouds with random centres and shapes; the parameters, weights and then the bias, start at random."""
        centre = torch.randn(count, 2, 1, self.size, generator=generator)
        shape = torch.randn(count, 2, self.size, self.size, generator=generator) / math.sqrt(self.size)
        around = torch.randn(count, 2, self.points // 2, self.size, generator=generator) @ shape
        sign = torch.tensor([1.0, -1.0]).repeat_interleave(self.points // 2).expand(count, -1)
        start = torch.randn(count, self.size + 1, generator=generator)
        return unscaled(start, fixed=((centre + around).flatten(1, 2), sign))

    def loss(self, theta: Float[Tensor, " D"], *data: Tensor) -> Float[Tensor, ""]:
        """Cross-entropy in nats a point, and the decay."""
        point, sign = data
        weight, bias = theta[:-1], theta[-1]
        return F.softplus(-sign * (point @ weight + bias)).mean() + self.decay / 2 * weight.square().sum()

    def whole(self) -> tuple[Tensor, ...]:
        """No step differs from another."""
        return ()


def unscaled(
    start: Float[Tensor, "P D"], *, shared: tuple[Tensor, ...] = (), fixed: tuple[Tensor, ...] = (), stream: tuple[Tensor, ...] = ()
) -> Problems:
    """Problems as they are."""
    return Problems(start, torch.ones_like(start), shared, fixed, stream)


def randomly_scaled(problems: Problems, spread: float, *, generator: torch.Generator) -> Problems:
    """The same problems in other units: each parameter is measured in its own, up to ``exp(spread)`` times larger or smaller.

    An optimiser that is trained on such cannot rely on the size of gradients or of steps, and lasts for more steps than it saw.

    References:
        Lv, Jiang and Li, "Learning gradient descent: better generalization and longer horizons", ICML 2017, section 4.1.
    """
    scale = (spread * (2 * torch.rand(problems.start.shape, generator=generator) - 1)).exp()
    return problems._replace(start=problems.start / scale, scale=scale)
