"""Entry points for torch.hub: ``torch.hub.load(REPOSITORY, "lenet5", weights="mnist_v1")``."""

from functools import partial
from typing import Any

from torch import nn

from zoo.registry import entry, get_model, list_models

dependencies = ["torch", "jaxtyping", "safetensors"]


def _load(arch: str, weights: str | None = None, **options: Any) -> nn.Module:
    return get_model(f"{arch}.{weights}" if weights else arch, **options)


for _arch in list_models(pretrained=False):
    globals()[_arch] = partial(_load, _arch)
    globals()[_arch].__doc__ = entry(_arch).build.__doc__
