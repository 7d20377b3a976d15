"""Networks that DeepLearnToolbox saved: from a .mat file to a model of the zoo."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zoo.bounded import build_for
from zoo.errors import ZooError
from zoo.models.deep_learn_toolbox import DeepLearnToolboxCNN
from zoo.models.mat_file import read_mat

_LARGEST_SIZE = 4096  # of a kernel, a pooling window or a number of maps


def read_cnn(path: str | Path, *, variable: str = "cnn") -> DeepLearnToolboxCNN:
    """Load a convolutional network that ``cnnsetup`` made, trained or not, in double precision and eval mode.

    Args:
        path: A .mat file of version 7 or older (``save -v7``, what MATLAB's plain ``save`` writes).
        variable: The network's name in the file.

    Raises:
        ZooError: The file cannot be read, has no such variable, or holds another structure.
    """
    net = read_mat(Path(path), variable)
    try:
        return _build(net).eval()
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise ZooError(f"{path}: {variable!r} is no network of the toolbox's cnnsetup ({reason}); save the whole struct") from error


def _build(net: Any) -> DeepLearnToolboxCNN:
    layers = _cell(_field(net, "layers"))
    kinds = [str(_field(layer, "type")) for layer in layers]
    if len(kinds) < 3 or kinds != ["i", *["c", "s"] * (len(kinds) // 2)]:
        raise ValueError(f"its layers are {' '.join(kinds) or 'none'}, expected i and then c and s in turn")
    convs, pools = layers[1::2], layers[2::2]
    weight, bias = _matrix(_field(net, "ffW")), _matrix(_field(net, "ffb"))
    maps, kernels = ([_whole(_field(conv, name)) for conv in convs] for name in ("outputmaps", "kernelsize"))
    scales = [_whole(_field(pool, "scale")) for pool in pools]
    side = round((weight.shape[1] / maps[-1]) ** 0.5)
    for kernel, scale in zip(reversed(kernels), reversed(scales), strict=True):
        side = side * scale + kernel - 1
    state = {"head.weight": weight, "head.bias": bias.flatten()}
    for number, conv in enumerate(convs, start=1):
        # k{i}{j} leads from input map i to output map j; PyTorch has the output first.
        weights = torch.stack([torch.stack([_matrix(k) for k in _cell(into)]) for into in _cell(_field(conv, "k"))], dim=1)
        state[f"features.c{2 * number}.weight"] = weights
        state[f"features.c{2 * number}.bias"] = torch.cat([_matrix(b).flatten() for b in _cell(_field(conv, "b"))])
    sizes = {"num_classes": len(weight), "side": side, "maps": maps, "kernels": kernels, "scales": scales}
    return build_for(state, lambda: DeepLearnToolboxCNN(**sizes).double())


def _field(struct: Any, name: str) -> Any:
    if not isinstance(struct, dict) or name not in struct:
        raise ValueError(f"there is no field {name!r} where it belongs")
    return struct[name]


def _cell(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("something else where a cell belongs")
    return value


def _whole(value: Any) -> int:
    number = np.asarray(value).item()
    if not 1 <= number <= _LARGEST_SIZE:
        raise ValueError(f"{number} where a size belongs")
    return int(number)


def _matrix(value: Any) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(value, dtype=np.float64))
