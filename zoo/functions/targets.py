"""What losses ask of the shapes of their targets."""

from torch import Tensor

from zoo.errors import ZooError


def check_target(output: Tensor, target: Tensor) -> None:
    """Refuse a target of another shape, which would be broadcast into a wrong loss without a word.

    Raises:
        ZooError: With both shapes.
    """
    if output.shape != target.shape:
        raise ZooError(f"outputs of shape {tuple(output.shape)}, targets of shape {tuple(target.shape)}: give each output its target")


def check_label(score: Tensor, label: Tensor) -> None:
    """Refuse labels that are not one whole number an example.

    Raises:
        ZooError: With both shapes.
    """
    if score.shape[:-1] != label.shape:
        raise ZooError(f"scores of shape {tuple(score.shape)}, labels of shape {tuple(label.shape)}: give each row of scores one label")
