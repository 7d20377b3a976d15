"""What convolution and pooling ask of the sizes of their arguments."""

from typing import Any

from torch import Tensor

from zoo.errors import ZooError


def check_kernel(image: Tensor, kernel: Tensor) -> None:
    """Refuse a kernel that is larger than the image along one of the last two axes.

    Raises:
        ZooError: With both shapes.
    """
    _check(image.shape, kernel.shape, "kernel")


def check_window(image: Tensor, size: int) -> None:
    """Refuse a square window of side ``size`` that is larger than the image.

    Raises:
        ZooError: With both shapes.
    """
    _check(image.shape, (size, size), "window")


def _check(image: Any, window: Any, what: str) -> None:  # shapes; a tracer puts tensors for their numbers
    (height, width), (rows, columns) = image[-2:], window[-2:]
    if rows > height or columns > width:
        raise ZooError(
            f"{what} of shape {tuple(window)} on an image of shape {tuple(image)}: {rows} x {columns} is larger than {height} x {width}; "
            f"take a smaller {what} or a larger image"
        )
