"""Class activation maps: which places of a picture speak for a class.

Sizes in shapes: B batch, C classes, K feature maps, H and W height and width of a picture, h and w those of its maps.

Reference: Zhou, Khosla, Lapedriza, Oliva and Torralba, "Learning deep features for discriminative localization", CVPR
2016, section 2; slides D0:1335-1360. It differs from the slides in that pooling takes the mean, not the sum, and that the
bias is kept, apart from the map (erratum E47): a score is its map's mean plus its bias.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook
from torch.overrides import TorchFunctionMode

from zoo.errors import ZooError
from zoo.functions.native import native

_REDUCTIONS = {torch.mean, Tensor.mean, torch.sum, Tensor.sum}
_POOLINGS = {F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.avg_pool2d} | _REDUCTIONS
_STEPS = {torch.flatten, Tensor.flatten, torch.reshape, Tensor.reshape, Tensor.view} | _REDUCTIONS  # on the way to one number a map
_TOLERANCE = 1e-3  # of a score, relative to the largest one: what single precision leaves of an identity
_ROUNDINGS = 10  # units in the last place that lower precisions may lose


class NoGapHead(ZooError):
    """The network does not end in global average pooling and one linear layer, or not visibly so; ``reason`` says why not."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no class activation maps: {reason}; use Grad-CAM (grad_cam, --method grad-cam)")
        self.reason = reason


@dataclass(frozen=True)
class GapHead:
    """Which parts of a network make the maps that it pools, normalise the pooled numbers, and weigh them; by name."""

    features: str
    norm: str | None
    linear: str

    def __str__(self) -> str:
        norm = f", normalised by {self.norm}" if self.norm else ""
        return f"maps of {self.features}, pooled{norm}, weighed by {self.linear}"


@dataclass(frozen=True)
class ClassMaps:
    """Scores, and the maps that they are the means of: ``score = map.mean((2, 3)) + bias``."""

    score: Float[Tensor, "B C"]
    map: Float[Tensor, "B C h w"]
    bias: Float[Tensor, " C"]
    head: GapHead


def class_activation_map(model: nn.Module, image: Float[Tensor, "B I H W"], *, relu: bool = False, normalize: bool = False) -> ClassMaps:
    r"""Scores and the maps of all classes, in one forward pass: :math:`M_c(x, y) = \sum_k w_k^c f_k(x, y)`.

    Takes a network that ends in global average pooling and one ``nn.Linear``, and finds both by watching it work. Pooling
    is average pooling by ``torch.nn``, or means or sums over the places, at once, one axis after the other or flattened. A
    layer norm between the two (ConvNeXt) is linear once the picture is known; it becomes a part of the maps.

    Args:
        model: The network, in evaluation mode.
        image: Its input.
        relu: Cut maps off below zero. The score is then no longer their mean.
        normalize: Stretch every map from its smallest to its largest value over [0, 1]; neither is it then.

    Raises:
        NoGapHead: The network has no such head.
        ZooError: It is in training mode or gives scores that are not finite; there is no picture.
    """
    check_ready(model, image)
    with native(), _watched() as pass_:
        score = model(image)
    check_scores(score, model)
    features, linear = pass_.maps, _the_linear(pass_, model)
    assert features is not None, "there is a linear layer after the pooling"
    norm = _the_norm(pass_, linear)
    head = GapHead(part_name(model, pass_.maker), part_name(model, norm) if norm is not None else None, part_name(model, linear))
    weight: Tensor = linear.weight
    bias: Tensor = linear.bias if linear.bias is not None else score.new_zeros(len(weight))
    if weight.shape != (score.shape[1], features.shape[1]) or (norm is not None and math.prod(norm.normalized_shape) != features.shape[1]):
        raise NoGapHead(f"the scores are not the {head}; something else lies between")
    if norm is not None:
        features = _normalized(features, norm)
        bias = bias if norm.bias is None else bias + weight @ norm.bias.flatten()
    maps = torch.einsum("ck,bkhw->bchw", weight, features)  # one product for all pictures; ``@`` makes one for each
    if not _are_means(score, maps, bias):
        raise NoGapHead(f"the scores are not the {head}; something else lies between")
    return ClassMaps(score, rescaled(maps, relu=relu, normalize=normalize), bias, head)


def check_ready(model: nn.Module, image: Float[Tensor, "B I H W"]) -> None:
    """Refuse to explain what changes from call to call, and nothing at all.

    Raises:
        ZooError: The model is in training mode, or there is no picture.
    """
    if model.training:
        raise ZooError("the model is in training mode, in which scores depend on chance and on the batch; call model.eval() first")
    if not len(image):
        raise ZooError("the batch is empty; there is no picture to explain")


def check_scores(score: Any, model: nn.Module) -> None:
    """Refuse to explain what is no score.

    Raises:
        ZooError: The model gives something else than one number a picture and class, or numbers that are not finite.
    """
    if not isinstance(score, Tensor) or score.dim() != 2:
        raise ZooError(f"{type(model).__name__} gives no table of scores, one row a picture and one column a class; explain a classifier")
    if not score.isfinite().all():
        raise ZooError(f"{type(model).__name__} gives scores that are not finite; look at its input and its weights")


def rescaled(maps: Float[Tensor, "*batch h w"], *, relu: bool, normalize: bool) -> Float[Tensor, "*batch h w"]:
    """Maps as they are often shown, which the definition does not ask for: without their negative part, and within [0, 1]."""
    if relu:
        maps = maps.clamp(min=0)
    if normalize:
        low, high = maps.amin((-2, -1), keepdim=True), maps.amax((-2, -1), keepdim=True)
        maps = (maps - low) / (high - low).clamp(min=torch.finfo(maps.dtype).tiny)
    return maps


class _Pass(TorchFunctionMode):
    """What a forward pass shows of a network's head: the last maps that were pooled whole, and the layers after that."""

    def __init__(self) -> None:
        super().__init__()
        self.maps: Tensor | None = None
        self.maker: nn.Module | None = None
        self.after: list[nn.Module] = []
        self._newest: tuple[Tensor | None, nn.Module | None] = (None, None)
        self._step: tuple[Tensor | None, Tensor | None, nn.Module | None] = (None, None, None)
        self._pooled: Tensor | None = None

    def __torch_function__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if func in _POOLINGS or func in _STEPS:
            x = args[0] if args else (kwargs or {})["input"]
            if out.dim() >= 2 and out.shape[:2] == x.shape[:2]:
                self._follow(x, out, pools=func in _POOLINGS and out.shape[2:].numel() == 1, step=func in _STEPS)
        return out

    def _follow(self, x: Tensor, out: Tensor, *, pools: bool, step: bool) -> None:
        """From ``x`` to ``out``: all of what is left of some maps, or a step of the way there."""
        # What a step has made stands for the maps that it was made of.
        maps, maker = self._step[1:] if x is self._step[0] else (x, self._newest[1] if x is self._newest[0] else None)
        if pools and maps is self._pooled:  # pooled twice: the maps are still those of the first time
            self._pooled = out
        elif pools and maps is not None and maps.dim() == 4:
            self.maps, self.maker, self.after, self._pooled = maps, maker, [], out
        elif step and maps is not None and (maps is self._pooled or maps.dim() == 4):
            self._step = (out, maps, maker)

    def note(self, module: nn.Module, inputs: Any, output: Any) -> None:
        """Called after every module; of those that give the same tensor, the outermost is last."""
        self._newest = (output, module)
        if isinstance(module, nn.Linear | nn.LayerNorm):
            self.after.append(module)


@contextmanager
def _watched() -> Iterator[_Pass]:
    with _Pass() as pass_:
        handle = register_module_forward_hook(pass_.note)
        try:
            yield pass_
        finally:
            handle.remove()


def _the_linear(pass_: _Pass, model: nn.Module) -> nn.Linear:
    """The one linear layer after the pooling.

    Raises:
        NoGapHead: Why there is not one.
    """
    name = type(model).__name__
    if pass_.maps is None:
        raise NoGapHead(f"{name} was not seen to pool maps to one number each, by average pooling or by means or sums over the places")
    linear = [module for module in pass_.after if isinstance(module, nn.Linear)]
    if len(linear) == 1:
        return linear[0]
    found = f"{len(linear)} linear layers ({', '.join(part_name(model, module) for module in linear)})" if linear else "no nn.Linear"
    raise NoGapHead(f"{name} has {found} after its pooling, one is needed")


def _the_norm(pass_: _Pass, linear: nn.Linear) -> nn.LayerNorm | None:
    """The first layer norm between the pooling and the linear layer."""
    between = pass_.after[: pass_.after.index(linear)]
    return next((module for module in between if isinstance(module, nn.LayerNorm)), None)


def _are_means(score: Float[Tensor, "B C"], maps: Float[Tensor, "B C h w"], bias: Float[Tensor, " C"]) -> bool:
    """Whether scores are the means of their maps plus the bias, as far as the coarser of the two can tell."""
    share = max(_TOLERANCE, _ROUNDINGS * max(torch.finfo(tensor.dtype).eps for tensor in (score, maps)))
    mean = maps.mean((2, 3)).float() + bias.float()  # autocast leaves weights in single precision and makes scores in half
    return torch.allclose(mean, score.float(), rtol=0, atol=share * float(score.detach().abs().max()))


def _normalized(features: Float[Tensor, "B K h w"], norm: nn.LayerNorm) -> Float[Tensor, "B K h w"]:
    """Maps whose means are the layer norm of the features' means, less its bias."""
    deviation = (features.mean((2, 3)).var(1, correction=0) + norm.eps).sqrt()
    centred = features - features.mean(1, keepdim=True)
    scaled = centred / deviation[:, None, None, None]
    return scaled if norm.weight is None else scaled * norm.weight.flatten()[:, None, None]


def part_name(model: nn.Module, part: nn.Module | None) -> str:
    """The name of a part of the model; features may come from a function that belongs to no part."""
    return next((name for name, module in model.named_modules() if module is part), "a function")
