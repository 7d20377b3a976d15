"""Recipes: model + data + task + trainer, each one reproducible run. Importing this package registers them all."""

from zoo.recipes import dbn, deep_learn_toolbox, lenet, metric_learning, mlp, ntm, rbm

__all__ = ["dbn", "deep_learn_toolbox", "lenet", "metric_learning", "mlp", "ntm", "rbm"]
