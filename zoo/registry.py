"""Names of models: how to build one, and which released weights there are.

A model is ``arch`` (untrained) or ``arch.tag`` (released). Builders register themselves; released weights
are the folders of ``checkpoints/``, each with a config.json that is the record of what it holds.
"""

import fnmatch
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from zoo.bounded import build_for
from zoo.errors import ZooError, did_you_mean
from zoo.layers.input_transform import InputTransform
from zoo.records import ModelMeta, find_record, released_names
from zoo.weights_file import TRANSFORM_PREFIX, load_weights


@dataclass(frozen=True)
class Entry:
    """One architecture: its builder and an input to try it on."""

    build: Callable[..., nn.Module]
    example: Callable[..., Tensor]
    """Takes the builder's options, as far as the input's shape depends on them."""
    sequences: bool = False
    """Whether the input's second axis is time."""


@dataclass(frozen=True)
class Trained:
    """A model in eval mode with its weights, their record, and what turns pictures into its input."""

    model: nn.Module
    meta: ModelMeta
    transform: InputTransform | None


@dataclass(frozen=True)
class Family:
    """Architectures of another library, known by a prefix of their names; they are not listed among the zoo's."""

    entry: Callable[[str], Entry]
    load: Callable[[str, Path | None], Trained]
    """Takes the name, and a file of weights or None for the library's own."""


Builder = TypeVar("Builder", bound=Callable[..., nn.Module])

_entries: dict[str, Entry] = {}
_families: dict[str, Family] = {}


def register_model(*, example: Callable[..., Tensor], sequences: bool = False) -> Callable[[Builder], Builder]:
    """Make a builder known under its own name.

    Args:
        example: Takes the builder's options (``**_`` for those that do not matter) and gives a small batch of valid
            input, on which the contract tests try the model and exporters trace it.
        sequences: Whether that input's second axis is time.

    Raises:
        ValueError: The name is taken.
    """

    def register(build: Builder) -> Builder:
        if build.__name__ in _entries:
            raise ValueError(f"the model name {build.__name__!r} is registered twice")
        _entries[build.__name__] = Entry(build, example, sequences)
        return build

    return register


def register_family(prefix: str, family: Family) -> None:
    """Make all names that begin with ``prefix`` known."""
    _families[prefix] = family


def list_models(pattern: str = "*", *, pretrained: bool | None = None) -> list[str]:
    """Names of the models that match ``pattern`` (as in a shell: ``"*lstm*"``).

    Args:
        pattern: Which names.
        pretrained: Only released weights (True), only architectures (False), or both (None).
    """
    names: list[str] = []
    if pretrained is not True:
        names += _archs()
    if pretrained is not False:
        names += released_names()
    return sorted(fnmatch.filter(names, pattern))


def get_model(name: str, **options: Any) -> nn.Module:
    """Build a model: ``"lenet5"`` untrained in training mode, ``"lenet5.mnist_v1"`` released in eval mode.

    A trained model carries its record as ``model.meta`` and what turns pictures into its input as ``model.transform``.

    Args:
        name: One of ``list_models()``, or a run's folder (``"runs/lenet5-digits-0"``).
        options: Arguments of the architecture's builder. Trained weights take none.

    Raises:
        ValueError: No such name (the nearest are named), no such option, or weights that are not the
            ones that were recorded.
    """
    if name in _archs() or _family(name):
        return entry(name).build(**_checked(name, options))
    trained = load_trained(name)
    if options:
        raise ZooError(f"{name} has its options fixed; to choose {', '.join(options)}, build {trained.meta.arch!r}")
    # Plain attributes, not submodules: the state dict stays the architecture's own.
    object.__setattr__(trained.model, "meta", trained.meta)
    if not hasattr(trained.model, "transform"):  # an RBM's own is to its features; its pictures need no more than scaling
        object.__setattr__(trained.model, "transform", trained.transform)
    return trained.model


def load_trained(name: str, *, weights: Path | None = None) -> Trained:
    """Load released weights, those of a run or of another library, with all that belongs to them.

    Args:
        name: ``arch.tag``, a run's folder or ``torchvision/NAME``.
        weights: File of weights for a network of another library; None for that library's own.

    Raises:
        ValueError: No such name, or weights that are not the ones that were recorded.
    """
    if family := _family(name):
        return family.load(name, weights)
    meta = describe(name)
    if weights is not None:
        raise ZooError(f"--weights {weights}: {name} has its own; such a file is for torchvision/NAME")
    state = load_weights(meta.folder / "model.safetensors", sha256=meta.sha256)
    fitted = {key.removeprefix(TRANSFORM_PREFIX): state.pop(key) for key in list(state) if key.startswith(TRANSFORM_PREFIX)}
    try:
        model = build_for(state, partial(entry(meta.arch).build, **meta.options))
        transform = build_for(fitted, partial(InputTransform, **meta.transform)) if meta.transform else None
        if transform and meta.labels:
            _try(model.eval(), transform)
    except Exception as error:  # builders give whatever a stranger's options lead them to
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ZooError(f"{meta.folder}: the weights are not of the model that config.json describes ({reason})") from error
    return Trained(model.eval(), meta, transform)


def _try(model: nn.Module, transform: InputTransform) -> None:
    """Have a classifier look at a blank picture, so that a record which does not fit it is found before it is used."""
    side, channels = transform.content, 3 if transform.colour else 1
    with torch.no_grad():
        model(transform(torch.zeros(1, channels, side, side, dtype=torch.uint8)))


def describe(name: str) -> ModelMeta:
    """The record of trained weights, read without building the model.

    Raises:
        ValueError: No such name, or a config.json that is not a record.
    """
    meta = find_record(name)
    if meta is None:
        raise ZooError(_without_weights(name) if name in _archs() else _no_such(name))
    return meta


def entry(arch: str) -> Entry:
    """The builder and the example input of an architecture.

    Raises:
        ValueError: No such architecture.
    """
    if family := _family(arch):
        return family.entry(arch)
    if arch not in _archs():
        raise ZooError(_no_such(arch))
    return _entries[arch]


def _archs() -> list[str]:
    import_module("zoo.models")  # importing the package runs the registrations
    return list(_entries)


def _family(name: str) -> Family | None:
    """The family of a name such as ``torchvision/resnet18``."""
    _archs()
    return next((family for prefix, family in _families.items() if name.startswith(prefix)), None)


def _no_such(name: str) -> str:
    return f"there is no model {name!r}; {did_you_mean(name, list_models(), otherwise='zoo.list_models() has the names')}"


def _without_weights(arch: str) -> str:
    released = list_models(f"{arch}.*", pretrained=True)
    what = f"released are {', '.join(released)}" if released else "train it, and name the run's folder"
    return f"{arch} is an architecture without weights; {what}"


def _checked(arch: str, options: dict[str, Any]) -> dict[str, Any]:
    known = inspect.signature(entry(arch).build).parameters
    for option in options:
        if option not in known:
            raise ZooError(f"{arch} has no option {option!r}; it has {', '.join(known) or 'none'}")
    return options
