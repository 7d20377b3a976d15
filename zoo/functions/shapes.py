"""What convolution and pooling ask of the sizes of their arguments."""

from collections.abc import Sequence

from zoo.errors import ZooError


def check_fit(image: Sequence[int], window: Sequence[int], *, what: str = "kernel") -> None:
    """Refuse a window that is larger than the image it slides over.

    Args:
        image: Shape of the image; its last axes count.
        window: Shape of the kernel or window; its last axes count.
        what: The window's name in the message.

    Raises:
        ZooError: With both shapes.
    """
    sides, window_sides = tuple(image[-2:]), tuple(window[-2:])
    if any(large > side for large, side in zip(window_sides, sides, strict=True)):
        raise ZooError(
            f"{what} of shape {tuple(window)} on an image of shape {tuple(image)}: {_by(window_sides)} is larger than {_by(sides)}; "
            f"take a smaller {what} or a larger image"
        )


def _by(sides: Sequence[int]) -> str:
    return " x ".join(map(str, sides))
