"""Recipes: model + data + task + trainer, each one reproducible run. Importing this package registers them all."""

from zoo.recipes import deep_learn_toolbox, lenet, mlp, ntm

__all__ = ["deep_learn_toolbox", "lenet", "mlp", "ntm"]
