"""The switch between the zoo's manual gradients and PyTorch's own.

Parameters and state dicts are the same on both sides. Compilers and exporters cannot look into a
custom ``autograd.Function``, so they get the native side without asking.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

_native: ContextVar[bool] = ContextVar("zoo_native", default=False)


@contextmanager
def native() -> Iterator[None]:
    """Run every zoo function inside the block on PyTorch's own operators and derivatives."""
    token = _native.set(True)
    try:
        yield
    finally:
        _native.reset(token)


def is_native() -> bool:
    """Whether functions should use their native twin: inside ``native()``, a compiler or an exporter."""
    return torch.compiler.is_compiling() or torch.onnx.is_in_onnx_export() or _native.get()
