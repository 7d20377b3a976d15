"""Models for weights that are there: built only if they need no more than that."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_buffer_registration_hook, register_module_parameter_registration_hook
from torch.overrides import TorchFunctionMode

from zoo.errors import ZooError

M = TypeVar("M", bound=nn.Module)

_SPARE = 1 << 20  # numbers that a model may hold beside its weights, such as tables


class _Uninitialised(TorchFunctionMode):
    """Leaves out what fills tensors in place: without memory there is nothing to be filled."""

    def __torch_function__(self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        kwargs = kwargs or {}
        if function.__name__.endswith("_") and not function.__name__.endswith("__"):
            return args[0] if args else kwargs["tensor"]
        return function(*args, **kwargs)


def build_for(state: Mapping[str, Tensor], build: Callable[[], M]) -> M:
    """Build a model and load its weights.

    What describes a model may come from a stranger and ask for more than any memory holds. So it is first built without
    any (on the meta device), and given up as soon as it has more numbers than the weights have.

    Args:
        state: The weights, complete.
        build: Builds the model.

    Raises:
        ZooError: The model needs more.
        RuntimeError: The weights are another model's.
    """
    left, thread = _SPARE + sum(tensor.numel() for tensor in state.values()), threading.get_ident()

    def count(module: nn.Module, name: str, value: Tensor | None) -> None:
        nonlocal left
        left -= value.numel() if value is not None and threading.get_ident() == thread else 0
        if left < 0:
            raise ZooError(f"the {name} of a {type(module).__name__} is more than the file of weights has left for it")

    hooks = [register(count) for register in (register_module_parameter_registration_hook, register_module_buffer_registration_hook)]
    try:
        with torch.device("meta"), _Uninitialised():
            build()
    finally:
        for hook in hooks:
            hook.remove()
    model = build()
    model.load_state_dict(state, strict=True)
    return model
