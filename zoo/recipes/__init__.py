"""Recipes: model + data + task + trainer, each one reproducible run. Importing this package registers them all."""

from zoo.recipes import deep_learn_toolbox, gap_net, lenet, mlp

__all__ = ["deep_learn_toolbox", "gap_net", "lenet", "mlp"]
