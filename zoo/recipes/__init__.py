"""Recipes: model + data + task + trainer, each one reproducible run. Importing this package registers them all."""

from zoo.recipes import (
    char_lstm,
    dbn,
    deep_learn_toolbox,
    gap_net,
    l2l,
    lenet,
    metric_learning,
    mlp,
    ntm,
    rbm,
    recall,
    semc,
)

__all__ = [
    "char_lstm",
    "dbn",
    "deep_learn_toolbox",
    "gap_net",
    "l2l",
    "lenet",
    "metric_learning",
    "mlp",
    "ntm",
    "rbm",
    "recall",
    "semc",
]
