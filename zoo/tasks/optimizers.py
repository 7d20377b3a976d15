"""Optimisers and schedules by name."""

import math
from collections.abc import Iterable

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from zoo.tasks.options import OptimizerOptions


def build_optimizer(parameters: Iterable[torch.nn.Parameter], options: OptimizerOptions) -> torch.optim.Optimizer:
    """The optimiser that ``options`` name, over the parameters that are not frozen.

    The fused kernels do a step's arithmetic in one pass over memory.
    """
    trainable = [parameter for parameter in parameters if parameter.requires_grad]
    if options.name == "sgd":
        return torch.optim.SGD(trainable, lr=options.lr, momentum=options.momentum, weight_decay=options.weight_decay, fused=True)
    if options.name == "rmsprop":
        # The form and the constants of Graves, "Generating Sequences With Recurrent Neural Networks", 2013, section 4.2.
        return torch.optim.RMSprop(
            trainable, lr=options.lr, alpha=0.95, eps=1e-4, momentum=options.momentum, weight_decay=options.weight_decay, centered=True
        )
    kind = torch.optim.Adam if options.name == "adam" else torch.optim.AdamW
    return kind(trainable, lr=options.lr, betas=(options.momentum, 0.999), weight_decay=options.weight_decay, fused=True)


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
