"""What losses ask of their arguments: shapes that fit, and single precision."""

from collections.abc import Callable
from functools import wraps

import torch
from torch import Tensor

from zoo.errors import ZooError


def check_target(output: Tensor, target: Tensor) -> None:
    """Refuse a target of another shape, which would be broadcast into a wrong loss without a word.

    Raises:
        ZooError: With both shapes.
    """
    if output.shape != target.shape:
        raise ZooError(f"outputs of shape {tuple(output.shape)}, targets of shape {tuple(target.shape)}: give each output its target")


def check_label(score: Tensor, label: Tensor, *, name: str = "scores") -> None:
    """Refuse labels that are not one whole number an example; an index of bytes would be taken for a mask without a word.

    Raises:
        ZooError: With both shapes, or with the type.
    """
    if label.dtype not in (torch.int64, torch.int32):
        raise ZooError(f"labels of type {label.dtype}: give whole numbers of type torch.int64, such as label.long()")
    if score.shape[:-1] != label.shape:
        raise ZooError(f"{name} of shape {tuple(score.shape)}, labels of shape {tuple(label.shape)}: give each row of {name} one label")


Loss = Callable[[Tensor, Tensor], Tensor]


def in_single_precision(loss: Loss) -> Loss:
    """Compute in single precision what comes in half, as torch's own losses do; under autocast the loss stays in it."""

    @wraps(loss)
    def run(output: Tensor, target: Tensor) -> Tensor:
        value = loss(_single(output), _single(target))
        return value if torch.is_autocast_enabled(output.device.type) else value.to(output.dtype)

    return run


def _single(x: Tensor) -> Tensor:
    return x.float() if x.dtype in (torch.half, torch.bfloat16) else x
