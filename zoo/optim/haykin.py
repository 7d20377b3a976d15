"""Haykin's momentum as an optimiser of PyTorch."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from zoo.errors import ZooError, check_range
from zoo.functions.sgd import haykin_step


class HaykinMomentum(torch.optim.Optimizer):
    r"""Repeats a share of the last change: :math:`\Delta \leftarrow \mu \Delta - \eta g`, where :math:`\eta` is annealed.

    With a constant rate this is ``torch.optim.SGD`` with momentum; where the rate falls, old changes go on at the rate that they were
    made with. ``decay`` is this rule's own schedule: leave it at 1 under one of ``torch.optim.lr_scheduler``, which sets the rate too.

    Args:
        params: What to optimise, or groups of it.
        lr: First learning rate.
        momentum: Share of the last change that is repeated, below 1.
        decay: What the rate is multiplied by after every step, at most 1, which keeps it.

    Raises:
        ZooError: A number is out of its range.

    References:
        Slide D3:328 with the sign of erratum E4; Haykin, "Neural Networks and Learning Machines", 3rd edition, sections 4.4 and 4.7.
    """

    def __init__(
        self, params: Iterable[Tensor] | Iterable[dict[str, Any]], *, lr: float, momentum: float = 0.9, decay: float = 1.0
    ) -> None:
        check_range("lr", lr, least=0)
        check_range("momentum", momentum, least=0, below=1)
        check_range("decay", decay, least=0)
        if decay > 1:
            raise ZooError(f"decay {decay}: a rate that grows; give at most 1")
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:  # type: ignore[override]  # as PyTorch's own do
        """Take one step; returns what ``closure`` does."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    change = self.state[parameter].get("change", torch.zeros_like(parameter))
                    moved, self.state[parameter]["change"] = haykin_step(
                        parameter, parameter.grad, change, lr=group["lr"], momentum=group["momentum"]
                    )
                    parameter.copy_(moved)
            group["lr"] = group["lr"] * group["decay"]  # a rate that is a tensor stays as its owner has it
        return loss
