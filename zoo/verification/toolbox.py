"""The functions against DeepLearnToolbox's own figures, which its code gave in GNU Octave.

``inputs.npz`` and ``reference.npz`` hold them; their README says how the toolbox lays its arrays out. Deltas belong to
the loss summed over the pictures, gradients to its mean.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.cross_entropy import cross_entropy
from zoo.functions.linear import linear
from zoo.functions.mean_pooling import mean_pool
from zoo.functions.scaled_tanh import scaled_tanh
from zoo.functions.sigmoid import sigmoid
from zoo.functions.squared_error import sigmoid_squared_error
from zoo.functions.true_convolution import convolve2d
from zoo.verification.checks import relative_error

Arrays = dict[str, Tensor]


def toolbox_errors(folder: Path) -> dict[str, float]:
    """Largest relative error of values and gradients against the toolbox's, by function.

    Args:
        folder: Where the two files lie.

    Raises:
        ZooError: A file is missing, or is not what it should be.
    """
    arrays: Arrays = {}
    for name in ("inputs.npz", "reference.npz"):
        try:
            with np.load(folder / name, allow_pickle=False) as file:
                arrays |= {key: torch.from_numpy(file[key]) for key in file.files}
        except (OSError, ValueError) as error:
            raise ZooError(
                f"{folder / name}: cannot be read ({error}); --toolbox names the folder of DeepLearnToolbox's figures"
            ) from error
    try:
        return {name: max(relative_error(*pair) for pair in pairs(arrays)) for name, pairs in _COMPARISONS.items()}
    except KeyError as error:
        raise ZooError(f"{folder}: the figures have no array {error}") from error


Pairs = list[tuple[Tensor, Tensor]]


def _with_gradients(value: Tensor, inputs: list[Tensor], upstream: Tensor) -> list[Tensor]:
    return [value, *torch.autograd.grad(value, inputs, upstream)]


def _variable(array: Tensor) -> Tensor:
    return array.detach().clone().requires_grad_()


def _maps(array: Tensor) -> Tensor:
    """(row, column, picture, map) as B C H W."""
    return array.permute(2, 3, 0, 1)


def _kernels(array: Tensor) -> Tensor:
    """(row, column, input map, output map) as O I K L."""
    return array.permute(3, 2, 0, 1)


def _convolution(a: Arrays) -> Pairs:
    """The second layer: gradients of its kernels, biases and inputs from its own delta."""
    x, kernel, bias = _variable(_maps(a["full_a3"])), _variable(_kernels(a["full_k2"])), _variable(a["full_b2"][0])
    z, grad_x, grad_kernel, grad_bias = _with_gradients(convolve2d(x, kernel, bias), [x, kernel, bias], _maps(a["full_d4"]))
    count = len(x)
    return [
        (z.sigmoid(), _maps(a["full_a4"])),
        (grad_x, _maps(a["full_d3"])),
        (grad_kernel / count, _kernels(a["full_dk2"])),
        (grad_bias / count, a["full_db2"][0]),
    ]


def _pooling(a: Arrays) -> Pairs:
    x = _variable(_maps(a["full_a2"]))
    down, spread = _with_gradients(mean_pool(x, size=2), [x], _maps(a["full_d3"]))
    return [(down, _maps(a["full_a3"])), (spread * x * (1 - x), _maps(a["full_d2"]))]


def _sigmoid(a: Arrays) -> Pairs:
    """The first layer's squashing, from its pre-activations to its delta."""
    z = _variable(convolve2d(a["full_x"].permute(2, 0, 1)[:, None], _kernels(a["full_k1"]), a["full_b1"][0]))
    spread = _maps(a["full_d3"]).repeat_interleave(2, -1).repeat_interleave(2, -2) / 4
    y, delta = _with_gradients(sigmoid(z), [z], spread)
    return [(y, _maps(a["full_a2"])), (delta, _maps(a["full_d2"]))]


def _linear(a: Arrays) -> Pairs:
    x, weight, bias = _variable(a["full_fv"].T), _variable(a["full_ffW"]), _variable(a["full_ffb"][:, 0])
    z, grad_x, grad_weight, grad_bias = _with_gradients(linear(x, weight, bias), [x, weight, bias], a["full_od"].T)
    count = len(x)
    return [
        (z.sigmoid(), a["full_o"].T),
        (grad_x, a["full_fvd"].T),
        (grad_weight / count, a["full_dffW"]),
        (grad_bias / count, a["full_dffb"][:, 0]),
    ]


def _squared_error(a: Arrays) -> Pairs:
    score = _variable(linear(a["full_fv"].T, a["full_ffW"], a["full_ffb"][:, 0]))
    loss, grad = _with_gradients(sigmoid_squared_error(score, a["full_y"].T), [score], torch.ones((), dtype=score.dtype))
    return [(loss, a["full_L"][0, 0]), (grad * len(score), a["full_od"].T)]


def _scaled_tanh(a: Arrays) -> Pairs:
    """The hidden layer of the multilayer perceptron; its gradient reaches the first weights."""
    x, weight = a["nn_x"], _variable(a["nn_W1"])
    hidden = scaled_tanh(linear(x, weight[:, 1:], weight[:, 0]))
    top = a["nn_W2"]
    loss = sigmoid_squared_error(linear(hidden, top[:, 1:], top[:, 0]), a["nn_y"])
    (grad,) = torch.autograd.grad(loss, weight)
    return [(hidden, a["nn_tanh_opt_sigm_a2"][:, 1:]), (grad, a["nn_tanh_opt_sigm_dW1"])]


def _cross_entropy(a: Arrays) -> Pairs:
    hidden, weight = a["nn_sigm_softmax_a2"], _variable(a["nn_W2"])
    loss = cross_entropy(hidden @ weight.T, a["nn_y"].argmax(-1))
    (grad,) = torch.autograd.grad(loss, weight)
    return [(loss, a["nn_sigm_softmax_L"][0, 0]), (grad, a["nn_sigm_softmax_dW2"])]


_COMPARISONS: dict[str, Callable[[Arrays], Pairs]] = {
    "convolve2d": _convolution,
    "mean_pool": _pooling,
    "sigmoid": _sigmoid,
    "linear": _linear,
    "sigmoid_squared_error": _squared_error,
    "scaled_tanh": _scaled_tanh,
    "cross_entropy": _cross_entropy,
}
