"""A trained network as an optimiser of PyTorch.

Sizes in shapes: N coordinates, S states of each kind.
"""

import hashlib
import operator
from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.errors import ZooError, check_range
from zoo.models.l2l import CoordinatewiseLSTM
from zoo.optim.stepper import Stepper
from zoo.registry import load_trained

Slot = tuple[int, torch.device]
"""The number of a group, and one of the devices that its parameters are on."""

_CPU = torch.device("cpu")
_STATES = ("hidden", "cell")


class Joined(NamedTuple):
    """Parameters that go through the network together."""

    stepper: Stepper
    hidden: list[Tensor]
    """The hidden states of each, a part of the stepper's: those of other memory in the optimiser's ``state`` supersede them."""


class LearnedOptimizer(torch.optim.Optimizer):
    """Changes parameters as a trained coordinatewise LSTM says: no learning rate is needed.

    All numbers of a group that lie on one device go through the network together. It computes in single precision, whatever the
    parameters are in; each has states of its own, which begin at zero and are in the state dict: of a network of two layers of 20 units
    320 bytes a number. The network itself is not, but a mark by which it is known again.

    ::

        optimizer = LearnedOptimizer(model.parameters(), weights="l2l.mnist_v1")

    Args:
        params: What to optimise, or groups of it.
        weights: Released weights, the folder of a run, or a network.
        lr: What the changes are multiplied by; 1 takes them as they are. Groups may have their own.

    Raises:
        ZooError: An ``lr`` is negative, there is no parameter to optimise, no such weights, or they are not an optimiser's.

    References:
        Andrychowicz et al. 2016; slide D0:1393-1399 with erratum E50.
    """

    def __init__(
        self, params: Iterable[Tensor] | Iterable[dict[str, Any]], weights: str | Path | CoordinatewiseLSTM, *, lr: float = 1.0
    ) -> None:
        if isinstance(params, Tensor):
            raise ZooError("params is a tensor, whose rows are no parameters: put it in a list")
        network = weights if isinstance(weights, CoordinatewiseLSTM) else load_trained(str(weights)).model
        if not isinstance(network, CoordinatewiseLSTM):
            raise ZooError(f"{weights}: is a {type(network).__name__}, not the network of a learned optimiser; take one of l2l.*")
        self._networks = {_CPU: deepcopy(network).requires_grad_(False).float().cpu()}
        self._steppers: dict[Slot, Joined] = {}
        groups: list[Any] = list(params) or [{"params": []}]
        super().__init__(groups, {"lr": lr, "network": _mark(self._networks[_CPU])})
        if not any(group["params"] for group in self.param_groups):
            raise ZooError("a learned optimiser for no parameters: give it a model's, such as model.parameters()")

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Optimise more parameters.

        Raises:
            ZooError: The group's ``lr`` is negative.
        """
        check_range("lr", param_group.get("lr", self.defaults["lr"]), least=0)
        super().add_param_group(param_group)

    def state_dict(self) -> dict[str, Any]:
        """What ``load_state_dict`` goes on from; states are copies."""
        found = super().state_dict()
        states = {number: {name: each.clone() for name, each in state.items()} for number, state in found["state"].items()}
        return found | {"state": states}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from where ``state_dict`` was taken.

        Raises:
            ZooError: It is that of an optimiser of another kind, with another network, or for other parameters; nothing is changed.
        """
        groups = state_dict["param_groups"]
        if any(group.get("network") != self.defaults["network"] for group in groups):
            raise ZooError("the state dict is another optimiser's, or that of a learned one with another network; nothing was loaded")
        parameters = [parameter for group in self.param_groups for parameter in group["params"]]
        numbers = [number for group in groups for number in group["params"]]
        given = state_dict["state"]
        # Where there are more of one than of the other, PyTorch says so below.
        states = {parameter: given[number] for number, parameter in zip(numbers, parameters, strict=False) if number in given}
        for parameter, state in states.items():
            if any(state[name].shape != self._shape(parameter) for name in _STATES):
                raise ZooError(
                    f"the state dict has no states of shape {self._shape(parameter)}: it is of other parameters; nothing was loaded"
                )
        super().load_state_dict(state_dict)
        for parameter, state in states.items():  # PyTorch has cast them to the parameter's type
            self.state[parameter] = {name: state[name].to(parameter.device, torch.float32, copy=True) for name in _STATES}

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:  # type: ignore[override]  # as PyTorch's own do
        """Change every parameter that has a gradient; returns what ``closure`` does.

        Raises:
            ZooError: A gradient is sparse or complex.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for number, group in enumerate(self.param_groups):
            for device, parameters in _by_device(group["params"]).items():
                self._change(parameters, (number, device), lr=group["lr"])
        return loss

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_networks": self._networks}

    def __setstate__(self, state: dict[str, Any]) -> None:  # of a copy, and of a state dict that is loaded
        super().__setstate__(state)
        self._steppers = {}

    def _change(self, parameters: list[Tensor], slot: Slot, *, lr: float) -> None:
        gradient = torch.cat([_gradient(parameter) for parameter in parameters])
        changes = self._stepper(parameters, slot).step(gradient).split([parameter.numel() for parameter in parameters])
        for parameter, change in zip(parameters, changes, strict=True):
            parameter.add_(change.view_as(parameter), alpha=lr)

    def _stepper(self, parameters: list[Tensor], slot: Slot) -> Stepper:
        """The states of all, side by side in memory; each parameter's own are a part of them."""
        known = self._steppers.get(slot)
        hidden = [self.state[parameter].get("hidden") for parameter in parameters]
        if known and len(hidden) == len(known.hidden) and all(map(operator.is_, hidden, known.hidden)):
            return known.stepper
        stepper = Stepper(
            self._network_on(slot[1]),
            *(torch.cat([self._state_of(parameter, name) for parameter in parameters], 1) for name in _STATES),
        )
        sizes = [parameter.numel() for parameter in parameters]
        parts = [each.split(sizes, 1) for each in (stepper.hidden, stepper.cell)]
        for parameter, *states in zip(parameters, *parts, strict=True):
            self.state[parameter].update(zip(_STATES, states, strict=True))
        self._steppers[slot] = Joined(stepper, list(parts[0]))
        return stepper

    def _state_of(self, parameter: Tensor, name: str) -> Float[Tensor, "S N"]:
        """What is known of a parameter; zeros before its first step."""
        known = self.state[parameter].get(name)
        return torch.zeros(self._shape(parameter), dtype=torch.float32, device=parameter.device) if known is None else known

    def _shape(self, parameter: Tensor) -> tuple[int, int]:
        """That of a parameter's hidden states, and of its cell states."""
        lstm = self._networks[_CPU].lstm
        return lstm.num_layers * lstm.hidden_size, parameter.numel()

    def _network_on(self, device: torch.device) -> CoordinatewiseLSTM:
        if device not in self._networks:
            self._networks[device] = deepcopy(self._networks[_CPU]).to(device)
        return self._networks[device]


def _mark(network: CoordinatewiseLSTM) -> str:
    """By which a network is known again: a hash of its weights, and the numbers that go with them."""
    content = b"".join(each.numpy().tobytes() for each in network.state_dict().values())
    return f"{hashlib.sha256(content).hexdigest()[:16]} p={network.p:g} scale={network.scale:g}"


def _by_device(parameters: Iterable[Tensor]) -> dict[torch.device, list[Tensor]]:
    found: dict[torch.device, list[Tensor]] = {}
    for parameter in parameters:
        if parameter.grad is not None and parameter.numel():
            found.setdefault(parameter.device, []).append(parameter)
    return found


def _gradient(parameter: Tensor) -> Float[Tensor, " N"]:
    gradient = parameter.grad
    assert gradient is not None
    if gradient.layout != torch.strided or gradient.is_complex():
        raise ZooError(f"a gradient that is {gradient.layout} of {gradient.dtype}: a learned optimiser takes dense real ones")
    return gradient.flatten().float()
