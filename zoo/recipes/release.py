"""Weights on disk: a folder with model.safetensors, its record config.json and the figures metrics.json.

A run folder and a release have the same three files, so that both load through ``zoo.get_model``.
"""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from zoo.data.about import ABOUT
from zoo.data.cluttered_options import ClutteredOptions
from zoo.data.options import DoubleMoonOptions, ImageOptions
from zoo.layers.input_transform import InputTransform
from zoo.recipes.durable import write_durably, write_json
from zoo.weights_file import TRANSFORM_PREFIX


@dataclass(frozen=True)
class Provenance:
    """Where weights come from: what their record says beside the numbers."""

    kind: str
    arch: str
    options: dict[str, Any]
    recipe: str
    loss: str
    labels: list[str]
    data: dict[str, Any]


def round_weights(model: nn.Module, dtype: torch.dtype) -> None:
    """Give every float32 number of the model the nearest value that ``dtype`` has."""
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.copy_(_as_kept(tensor, dtype))


def save_model(folder: Path, model: nn.Module, transform: InputTransform | None, provenance: Provenance, *, dtype: torch.dtype) -> None:
    """Write the weights (and the fitted pre-processing, where there is one) and their record.

    Args:
        folder: Where to.
        model: Its weights are written as ``dtype``.
        transform: The pre-processing, written as it is.
        provenance: What the record says of them.
        dtype: That of floating-point numbers in the file; a loader's model takes them in its own.
    """
    state = {name: _as_kept(tensor.detach(), dtype).cpu().contiguous() for name, tensor in model.state_dict().items()}
    if transform is not None:
        state |= {TRANSFORM_PREFIX + name: tensor.cpu().contiguous() for name, tensor in transform.state_dict().items()}
    content = safetensors.torch.save(state)
    write_durably(folder / "model.safetensors", content)
    config = asdict(provenance) | {
        "transform": transform.options if transform else None,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    write_json(folder / "config.json", config)


def data_record(options: ImageOptions | DoubleMoonOptions | ClutteredOptions, *, seed: int) -> dict[str, Any]:
    """What a record says of the data: enough to evaluate again, and whose it is."""
    about = ABOUT[options.kind]
    record: dict[str, Any] = {"kind": options.kind, "title": about.title, "licence": about.licence}
    if isinstance(options, DoubleMoonOptions):
        return record | {"distance": options.distance, "seed": seed}
    if isinstance(options, ClutteredOptions):
        return record | {"scene": options.scene}
    return record | {"root": str(options.root) if options.kind == "folder" else None}


def _as_kept(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    return tensor.to(dtype) if tensor.dtype == torch.float32 else tensor
