"""Following an optimiser over many problems at once.

Sizes in shapes: P problems, D parameters of each, K steps, K1 = K + 1 places.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import vmap

from zoo.layers.lstm import States
from zoo.models.l2l import CoordinatewiseLSTM
from zoo.optim.problems import Family, Problems
from zoo.optim.stepper import Stepper

Slope = Callable[[Tensor, int], tuple[Tensor, Tensor]]


class RolloutState(NamedTuple):
    """Where an optimiser is on its way."""

    theta: Float[Tensor, "P D"]
    state: States | None = None
    step: int = 0

    def detached(self) -> "RolloutState":
        """The same, with no derivative through the way to it."""
        state = None if self.state is None else (self.state[0].detach(), self.state[1].detach())
        return RolloutState(self.theta.detach(), state, self.step)


class Trajectory(NamedTuple):
    """What was met on the way, first and last place included."""

    loss: Float[Tensor, "K1 P"]
    gradient: Float[Tensor, "K1 P D"]


def slope_of(family: Family, problems: Problems) -> Slope:
    """A function from all parameters and the number of the step to gradients and losses of all problems.

    The gradients can be differentiated where gradients are enabled.
    """
    loss = _scaled_loss(family)
    alike, apart = len(problems.shared), len(problems.fixed) + len(problems.stream)
    mapped = vmap(loss, in_dims=(0, 0, *[None] * alike, *[0] * apart))

    def slope(theta: Tensor, step: int) -> tuple[Tensor, Tensor]:
        differentiable = torch.is_grad_enabled()
        with torch.enable_grad():
            theta = theta if differentiable and theta.requires_grad else theta.detach().requires_grad_()
            found = mapped(theta, problems.scale, *problems.shared, *problems.fixed, *problems.at(step))
            (gradient,) = torch.autograd.grad(found.sum(), theta, create_graph=differentiable)
        return gradient, found if differentiable else found.detach()

    return slope


@torch.no_grad()
def loss_on_all_data(family: Family, problems: Problems, theta: Float[Tensor, "P D"]) -> Float[Tensor, " P"]:
    """What each problem's parameters cost on all of its data, not on a step's."""
    whole = [each.to(theta.device) for each in family.whole()]
    alike, apart = len(problems.shared), len(problems.fixed)
    dims = (0, 0, *[None] * alike, *[0] * apart, *[None] * len(whole))
    mapped = vmap(_scaled_loss(family), in_dims=dims, chunk_size=1 if whole else None)  # all data of all problems are too much for memory
    return mapped(theta, problems.scale, *problems.shared, *problems.fixed, *whole)


def _scaled_loss(family: Family) -> Callable[..., Tensor]:
    return lambda theta, scale, *data: family.loss(theta * scale, *data)


def roll_out(network: CoordinatewiseLSTM, slope: Slope, start: RolloutState, *, steps: int) -> tuple[Trajectory, RolloutState]:
    """Let the network take so many steps; all can be differentiated, gradients of gradients included, where gradients are enabled.

    Args:
        network: The optimiser.
        slope: What it goes down.
        start: Where it begins.
        steps: Number of steps K.

    Returns:
        The losses and gradients before each step and after the last, and where that led.
    """
    (theta, state, first), losses, gradients = start, [], []
    stepper = None if torch.is_grad_enabled() else Stepper.at(network, state, theta.flatten())
    for step in range(first, first + steps + 1):
        gradient, loss = slope(theta, step)
        losses.append(loss)
        gradients.append(gradient)
        if step == first + steps:
            break
        if stepper:
            change = stepper.step(gradient.flatten())
        else:
            change, state = network.advance(gradient.flatten()[None], state)
        theta = theta + change.view_as(theta)
    state = stepper.states() if stepper else state
    return Trajectory(torch.stack(losses), torch.stack(gradients)), RolloutState(theta, state, first + steps)
