"""Optimisers and schedules by name."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from zoo.tasks.options import OptimizerOptions


def build_optimizer(parameters: Iterable[torch.nn.Parameter], options: OptimizerOptions) -> torch.optim.Optimizer:
    """The optimiser that ``options`` name, over the parameters that are not frozen.

    Only matrices and kernels decay: the slides' decay is of ``W`` (D0:907), and a bias that starts where it is needed, such as that of
    a gate which begins shut, would be pulled to zero. The fused kernels do a step's arithmetic in one pass over memory.
    """
    groups = _groups(parameters, options.weight_decay)
    if options.name == "sgd":
        return torch.optim.SGD(groups, lr=options.lr, momentum=options.momentum, fused=True)
    if options.name == "rmsprop":
        # The form and the constants of Graves, "Generating Sequences With Recurrent Neural Networks", 2013, section 4.2, which adds 1e-4
        # to the variance: its root is the least that is divided by, and torch adds that to the root of the variance.
        return torch.optim.RMSprop(groups, lr=options.lr, alpha=0.95, eps=1e-2, momentum=options.momentum, centered=True)
    kind = torch.optim.Adam if options.name == "adam" else torch.optim.AdamW
    return kind(groups, lr=options.lr, betas=(options.momentum, options.beta2), fused=True)


def _groups(parameters: Iterable[torch.nn.Parameter], weight_decay: float) -> list[dict[str, Any]]:
    """What decays, and what does not; one group where nothing does."""
    trainable = [parameter for parameter in parameters if parameter.requires_grad]
    if not weight_decay:
        return [{"params": trainable, "weight_decay": 0.0}]
    parts = [([each for each in trainable if each.dim() > 1], weight_decay), ([each for each in trainable if each.dim() <= 1], 0.0)]
    return [{"params": part, "weight_decay": decay} for part, decay in parts if part]


def build_schedule(optimizer: torch.optim.Optimizer, options: OptimizerOptions, *, steps: int) -> LRScheduler:
    """The learning rate as a function of the step, from 0 to ``steps``.

    ``one-cycle`` rises from a 25th of the largest rate and falls to nearly nothing, each along half a cosine
    (Smith and Topin 2017); ``exponential`` is Haykin's annealing, a straight line on a logarithmic scale.
    """

    def factor(step: int) -> float:
        done = min(step / max(steps, 1), 1.0)
        if options.schedule == "constant":
            return 1.0
        if options.schedule == "exponential":
            return float(options.final**done)
        if options.schedule == "cosine":
            return _cosine(1.0, options.final, done)
        if done < options.warmup:
            return _cosine(1 / 25, 1.0, done / options.warmup)
        return _cosine(1.0, 1e-5, (done - options.warmup) / (1 - options.warmup))

    return LambdaLR(optimizer, factor)


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
