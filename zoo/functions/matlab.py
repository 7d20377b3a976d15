"""MATLAB's array operators, as DeepLearnToolbox uses them: plain arrays, without batch or channel axes.

Convolution here is true convolution: the second argument is turned around. Only PyTorch's own differentiable operators
are used; the hand-written gradient of the toolbox's convolution layer is ``convolve2d``'s.

Slides D4:243-350, D4:643-757 and D4:1016-1155; MATHS.md (12).
"""

from collections.abc import Sequence
from typing import Literal

import torch.nn.functional as F
from jaxtyping import Float, Shaped
from torch import Tensor

from zoo.errors import ZooError

Shape = Literal["full", "same", "valid"]

_FULL = {2: F.conv_transpose2d, 3: F.conv_transpose3d}  # the transpose of 'valid' correlation is 'full' convolution


def conv2(a: Float[Tensor, "H W"], b: Float[Tensor, "K L"], shape: Shape = "full") -> Float[Tensor, "h w"]:
    """Convolve two matrices.

    Args:
        a: The image.
        b: The kernel.
        shape: ``full``, every position in which the two overlap: H + K - 1 rows. ``same``, the middle of that, of the
            size of ``a``. ``valid``, the positions in which ``b`` lies within ``a``: H - K + 1 rows. The first
            does not ask which argument is the image, the others do.

    Raises:
        ZooError: ``valid`` with a kernel larger than the image, where MATLAB returns an empty array (erratum E38).
    """
    return convn(a, b, shape)


def convn(a: Float[Tensor, "*image"], b: Float[Tensor, "*kernel"], shape: Shape = "full") -> Float[Tensor, "*result"]:
    """Convolve two arrays of two or three axes; axes that one of them lacks at its end have length one.

    Args:
        a: The image.
        b: The kernel.
        shape: As for ``conv2``.

    Raises:
        ZooError: As ``conv2``, or arrays of other numbers of axes.
    """
    axes = max(a.dim(), b.dim())
    if min(a.dim(), b.dim()) < 2 or axes > 3:
        raise ZooError(f"convn of shapes {tuple(a.shape)} and {tuple(b.shape)}: both must have two or three axes")
    image, kernel = (each.reshape(*each.shape, *[1] * (axes - each.dim())) for each in (a, b))
    full = _FULL[axes](image[None, None], kernel[None, None])[0, 0]
    if shape == "full":
        return full
    if shape == "valid" and any(large > side for large, side in zip(kernel.shape, image.shape, strict=True)):
        raise ZooError(
            f"'valid' with a kernel of shape {tuple(b.shape)} on an image of shape {tuple(a.shape)}: it fits nowhere; "
            "the larger array comes first"
        )
    for axis, (side, large) in enumerate(zip(image.shape, kernel.shape, strict=True)):
        # MATLAB counts the middle of an even kernel from its end: SciPy's 'same' starts one earlier.
        full = full.narrow(axis, large // 2, side) if shape == "same" else full.narrow(axis, large - 1, side - large + 1)
    return full


def rot180(x: Shaped[Tensor, "H W *rest"]) -> Shaped[Tensor, "H W *rest"]:
    """Turn the first two axes by 180 degrees (the toolbox's own helper, slide D4:1153)."""
    return x.flip(0, 1)


def flipall(x: Shaped[Tensor, "*shape"]) -> Shaped[Tensor, "*shape"]:
    """Reverse every axis, that of the batch as well: what makes slide D4:1136 pair each image with its own delta (E35)."""
    return x.flip(tuple(range(x.dim())))


def expand(x: Shaped[Tensor, "*shape"], size: Sequence[int]) -> Shaped[Tensor, "*expanded"]:
    """Repeat each element ``size[i]`` times along axis ``i``.

    Raises:
        ZooError: Not one whole number above zero an axis.
    """
    if len(size) != x.dim() or any(times < 1 for times in size):
        raise ZooError(f"expand of shape {tuple(x.shape)} by {tuple(size)}: one number of repetitions, at least 1, an axis")
    for axis, times in enumerate(size):
        x = x.repeat_interleave(times, axis)
    return x
