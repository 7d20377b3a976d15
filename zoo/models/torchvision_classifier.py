"""Torchvision's classifiers by name, ``torchvision/resnet18``: to fine-tune and to explain, not to release.

A network sees pictures as its default weights at torchvision do: their side, their mean and deviation of the colours.

Sizes in shapes: B batch, C classes, H and W height and width.
"""

import functools
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError, did_you_mean
from zoo.layers.initialization import lecun_normal_
from zoo.layers.input_transform import InputTransform
from zoo.layers.linear import Linear
from zoo.models.torch_file import read_torch_file
from zoo.records import ModelMeta
from zoo.registry import Entry, Family, Trained, register_family

_PREFIX = "torchvision/"
_SHIFTED = ("googlenet", "inception_v3")
_BRANCHES = ("aux", "AuxLogits")  # further heads of GoogLeNet and Inception, for training from nothing


class TorchvisionClassifier(nn.Module):
    """One of torchvision's networks, whose last linear layer can be exchanged.

    Args:
        name: Torchvision's name of it.
        num_classes: Number of classes C.
        transform_input: Whether GoogLeNet or Inception v3 shifts its input to the mean and deviation of its published
            weights, which torchvision brought from another library; it does so whenever it loads them.
    """

    def __init__(self, name: str, *, num_classes: int = 1000, transform_input: bool = False) -> None:
        super().__init__()
        from torchvision import models  # takes a second, and few need it

        # The head at once in its size: built for 1,000 classes first, it would be more than a run's file of weights has.
        self.network = models.get_model(name, weights=None, num_classes=num_classes, **_builder_options(name, transform_input))
        linear = [part for part, module in self.network.named_modules() if isinstance(module, nn.Linear)]
        if not linear:
            raise ZooError(f"{_PREFIX}{name}: it has no linear layer at its end, so that there is no head to exchange")
        self.head_name = linear[-1]

    def forward(self, image: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B C"]:
        return self.network(image)

    def reset_head(self, num_classes: int) -> None:
        """Put a fresh linear layer of ``num_classes`` scores in the place of the last one."""
        old = self.network.get_submodule(self.head_name)
        assert isinstance(old, nn.Linear), "the constructor has looked"
        head = Linear(old.in_features, num_classes, bias=old.bias is not None)  # MaxViT's has none
        lecun_normal_(head)
        self.network.set_submodule(self.head_name, head)


def _builder_options(name: str, transform_input: bool) -> dict[str, Any]:
    """What torchvision's builder has to be told beside the number of classes."""
    if name.startswith("vit_"):
        return {"image_size": input_transform(name).size}  # the table of positions is of one size of pictures
    return {"aux_logits": False, "init_weights": False, "transform_input": transform_input} if name in _SHIFTED else {}


def input_transform(name: str) -> InputTransform:
    """How pictures become the input of a network of torchvision's, by the record of its default weights; nothing is downloaded."""
    from torchvision import models

    preset = models.get_model_weights(name).DEFAULT.transforms()
    (side,) = preset.crop_size
    dark, light = ([(level - mean) / std for mean, std in zip(preset.mean, preset.std, strict=True)] for level in (0.0, 1.0))
    return InputTransform(size=side, content=side, background=dark, ink=light)


def _entry(name: str) -> Entry:
    """Builder and example of ``torchvision/NAME``."""
    from torchvision import models

    known = models.list_models(module=models)
    inner = name.removeprefix(_PREFIX)
    if inner not in known:
        raise ZooError(f"torchvision has no classifier {inner!r}; {did_you_mean(inner, known, otherwise='its documentation lists them')}")
    side = input_transform(inner).size
    return Entry(functools.partial(TorchvisionClassifier, inner), lambda **_: torch.zeros(2, 3, side, side))


def _load(name: str, weights: Path | None) -> Trained:
    """The network with torchvision's own weights, downloaded, or with those of a file, which is taken to have begun with these."""
    from torchvision import models

    _entry(name)  # says what is wrong with a name
    inner = name.removeprefix(_PREFIX)
    own = models.get_model_weights(inner).DEFAULT
    state = _read(weights) if weights else _download(own, name)
    state = {key: tensor for key, tensor in state.items() if not key.startswith(_BRANCHES)}
    shift = {"transform_input": True} if inner in _SHIFTED else {}
    model = TorchvisionClassifier(inner, **shift)
    head = state.get(f"{model.head_name}.weight")
    if head is None or head.dim() != 2:
        raise ZooError(f"{weights or name}: not the weights of torchvision's {inner}: no {model.head_name}.weight, one row a class")
    try:
        if (classes := len(head)) != len(own.meta["categories"]):
            model.reset_head(classes)
        model.network.load_state_dict(state)
    except RuntimeError as error:
        raise ZooError(f"{weights or name}: not the weights of torchvision's {inner} ({' '.join(str(error).split())[:200]})") from error
    labels = own.meta["categories"] if classes == len(own.meta["categories"]) else [str(number) for number in range(classes)]
    transform = input_transform(inner)
    meta = ModelMeta(
        name=name,
        arch=name,
        options={"num_classes": classes, **shift},
        recipe="",
        loss="cross-entropy",
        labels=labels,
        transform=transform.options,
        sha256="",
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        data={"kind": "folder", "title": "ImageNet, by torchvision", "licence": "see torchvision"},
        metrics={},
        folder=weights.parent if weights else Path(),
    )
    return Trained(model.eval(), meta, transform)


def _read(path: Path) -> dict[str, Tensor]:
    state = read_torch_file(path)
    if not (isinstance(state, dict) and all(isinstance(key, str) and isinstance(value, Tensor) for key, value in state.items())):
        raise ZooError(f"{path}: holds no table of weights; save a network's state_dict()")
    return state


def _download(weights: Any, name: str) -> dict[str, Tensor]:
    try:
        return weights.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:  # what urllib raises is the first, and for a damaged file torch the second
        raise ZooError(f"{name}: {weights.url} cannot be downloaded ({error}); give a file of these weights with --weights FILE") from error


register_family(_PREFIX, Family(_entry, _load))
