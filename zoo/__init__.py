"""zoo: a PyTorch reference model zoo whose gradients and figures are proven.

>>> import zoo
>>> model = zoo.get_model("lenet5.digits_v1")  # weights verified, eval mode
>>> zoo.list_models("lenet*")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.registry import describe, get_model, list_models

__version__ = "0.1.0"
__all__ = ["describe", "get_model", "list_models"]


def __getattr__(name: str) -> Any:
    # Late, so that a script's --help need not wait for torch.
    if name in __all__:
        from zoo import registry

        return getattr(registry, name)
    raise AttributeError(f"module 'zoo' has no attribute {name!r}")
