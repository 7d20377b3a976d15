"""Scores and maps of a batch of pictures: class activation maps against a plain forward pass and the grad-cam package."""

import copy
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from zoo.benchmarks.timing import check_counts, interleave, median_ratio, on_threads
from zoo.errors import ZooError, check_range
from zoo.models.cam import class_activation_map
from zoo.models.torchvision_classifier import TorchvisionClassifier


def benchmark_cam(*, pictures: int, side: int, threads: int, repeats: int) -> dict[str, Any]:
    """Time ResNet-18 on the CPU, in single precision; all 1,000 maps of each picture, where grad-cam makes one.

    Args:
        pictures: Pictures at a time.
        side: Side of the pictures.
        threads: Threads of every contender.
        repeats: Rounds that count.

    Raises:
        ZooError: A number is too small, or the grad-cam package is not installed.

    Returns:
        Seconds of each contender, and ratios.
    """
    check_counts(pictures=pictures, threads=threads, repeats=repeats)
    check_range("--side", side, least=32)
    model = TorchvisionClassifier("resnet18").eval()
    x = torch.rand(pictures, 3, side, side)
    grad_cam = _grad_cam_package(copy.deepcopy(model))  # which it hangs hooks on
    with on_threads(threads):
        timing = interleave(
            {
                "forward pass": lambda: _timed(lambda: _forward(model, x)),
                "zoo, scores and all maps": lambda: _timed(lambda: _maps(model, x)),
                "grad-cam, one map": lambda: _timed(lambda: grad_cam(x)),
            },
            repeats=repeats,
        )
    figures: dict[str, Any] = {name: found.figures() for name, found in timing.items()}
    figures["zoo / forward pass"] = median_ratio(timing["zoo, scores and all maps"], timing["forward pass"])
    figures["grad-cam / zoo"] = median_ratio(timing["grad-cam, one map"], timing["zoo, scores and all maps"])
    return figures


def _grad_cam_package(model: TorchvisionClassifier) -> Callable[[Tensor], Any]:
    """The package's own call, for the likeliest class of each picture."""
    try:
        from pytorch_grad_cam import GradCAM
    except ImportError as error:
        raise ZooError(f"the grad-cam package cannot be imported ({error}); pip install 'zoo[explain]'") from error
    explainer = GradCAM(model=model, target_layers=[model.network.get_submodule("layer4")])
    return lambda x: explainer(input_tensor=x, targets=None)


@torch.no_grad()
def _forward(model: nn.Module, x: Tensor) -> Tensor:
    return model(x)


@torch.no_grad()
def _maps(model: nn.Module, x: Tensor) -> Tensor:
    return class_activation_map(model, x).map


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
