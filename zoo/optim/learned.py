"""A trained network as an optimiser of PyTorch.

Sizes in shapes: N coordinates, S states of each kind.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

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


class LearnedOptimizer(torch.optim.Optimizer):
    """Changes parameters as a trained coordinatewise LSTM says: no learning rate is needed.

    All numbers of a group that lie on one device go through the network together. It computes in single precision, whatever the
    parameters are in; each has states of its own, which begin at zero and are in the state dict. The network itself is not.

    ::

        optimizer = LearnedOptimizer(model.parameters(), weights="l2l.mnist_v1")

    Args:
        params: What to optimise, or groups of it.
        weights: Released weights, the folder of a run, or a network.
        lr: What the changes are multiplied by; 1 takes them as they are. Groups may have their own.

    Raises:
        ZooError: ``lr`` is negative, there is no parameter to optimise, no such weights, or they are not an optimiser's.

    References:
        Andrychowicz et al. 2016; slide D0:1393-1399 with erratum E50.
    """

    def __init__(
        self, params: Iterable[Tensor] | Iterable[dict[str, Any]], weights: str | Path | CoordinatewiseLSTM, *, lr: float = 1.0
    ) -> None:
        check_range("lr", lr, least=0)
        if isinstance(params, Tensor):
            raise ZooError("params is a tensor, whose rows are no parameters: put it in a list")
        network = weights if isinstance(weights, CoordinatewiseLSTM) else load_trained(str(weights)).model
        if not isinstance(network, CoordinatewiseLSTM):
            raise ZooError(f"{weights}: is a {type(network).__name__}, not the network of a learned optimiser; take one of l2l.*")
        self._networks = {_CPU: deepcopy(network).requires_grad_(False).float().cpu()}
        self._steppers: dict[Slot, tuple[list[int], Stepper]] = {}
        groups: list[Any] = list(params) or [{"params": []}]
        super().__init__(groups, {"lr": lr})
        if not any(group["params"] for group in self.param_groups):
            raise ZooError("a learned optimiser for no parameters: give it a model's, such as model.parameters()")

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:  # type: ignore[override]  # as PyTorch's own do
        """Change every parameter that has a gradient; returns what ``closure`` does.

        Raises:
            ZooError: A gradient is sparse or complex; or the state dict that was loaded is another optimiser's.
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
        known, stepper = self._steppers.get(slot, ([], None))
        if stepper is None or list(map(id, parameters)) != known:
            hidden, cell = (torch.cat(parts, 1) for parts in zip(*map(self._states_of, parameters), strict=True))
            stepper = Stepper(self._network_on(slot[1]), hidden, cell)
            sizes = [parameter.numel() for parameter in parameters]
            for parameter, hidden, cell in zip(parameters, stepper.hidden.split(sizes, 1), stepper.cell.split(sizes, 1), strict=True):
                self.state[parameter].update(hidden=hidden, cell=cell)
            self._steppers[slot] = list(map(id, parameters)), stepper
        return stepper

    def _states_of(self, parameter: Tensor) -> list[Float[Tensor, "S N"]]:
        """What is known of a parameter; zeros before its first step."""
        lstm, state = self._networks[_CPU].lstm, self.state[parameter]
        shape = lstm.num_layers * lstm.hidden_size, parameter.numel()
        if not state:
            return [torch.zeros(shape, device=parameter.device)] * 2
        if not all(name in state and state[name].shape == shape for name in ("hidden", "cell")):
            raise ZooError(f"the state dict that was loaded is of another optimiser or other parameters: no states of shape {shape} in it")
        return [state[name].float() for name in ("hidden", "cell")]  # PyTorch casts what it loads to the parameter's type

    def _network_on(self, device: torch.device) -> CoordinatewiseLSTM:
        if device not in self._networks:
            self._networks[device] = deepcopy(self._networks[_CPU]).to(device)
        return self._networks[device]


def _by_device(parameters: Iterable[Tensor]) -> dict[torch.device, list[Tensor]]:
    found: dict[torch.device, list[Tensor]] = {}
    for parameter in parameters:
        if parameter.grad is not None:
            found.setdefault(parameter.device, []).append(parameter)
    return found


def _gradient(parameter: Tensor) -> Float[Tensor, " N"]:
    gradient = parameter.grad
    assert gradient is not None
    if gradient.layout != torch.strided or gradient.is_complex():
        raise ZooError(f"a gradient that is {gradient.layout} of {gradient.dtype}: a learned optimiser takes dense real ones")
    return gradient.flatten().float()
