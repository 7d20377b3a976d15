"""Recipes: model + data + task + trainer, each one reproducible run. Importing this package registers them all."""

from zoo.recipes import lenet, mlp

__all__ = ["lenet", "mlp"]
