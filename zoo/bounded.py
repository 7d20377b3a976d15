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
_MOST = 10_000  # parameters and buffers, far more than the deepest networks have


_ELEMENTWISE = {"mul", "rmul", "add", "radd", "sub", "rsub", "div", "truediv", "rtruediv", "neg"}


class _ShapesAlone(TorchFunctionMode):
    """Leaves out what fills tensors: without memory there is nothing to be filled, and what would do so takes seconds to import."""

    def __torch_function__(self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        kwargs, name = kwargs or {}, function.__name__
        if name.endswith("_") and not name.endswith("__"):
            return args[0] if args else kwargs["tensor"]
        if name.strip("_") in _ELEMENTWISE:
            return max((each for each in args if isinstance(each, Tensor)), key=Tensor.numel)
        if name == "eye":
            return torch.empty(args[0], args[-1])
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
    left, places, thread = _SPARE + sum(tensor.numel() for tensor in state.values()), _MOST, threading.get_ident()

    def count(module: nn.Module, name: str, value: Tensor | None) -> None:
        nonlocal left, places
        if value is None or threading.get_ident() != thread:
            return
        left, places = left - value.numel(), places - 1
        if left < 0 or places < 0:
            raise ZooError(f"the {name} of a {type(module).__name__} is more than the file of weights has left for it")

    hooks = [register(count) for register in (register_module_parameter_registration_hook, register_module_buffer_registration_hook)]
    try:
        with torch.device("meta"), _ShapesAlone():
            build()
    finally:
        for hook in hooks:
            hook.remove()
    model = build()
    model.load_state_dict(state, strict=True)
    return model
