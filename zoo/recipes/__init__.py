"""Recipes: model + data + task + trainer, each one reproducible run. Importing this package registers them all."""

from zoo.recipes import char_lstm, deep_learn_toolbox, lenet, mlp, recall

__all__ = ["char_lstm", "deep_learn_toolbox", "lenet", "mlp", "recall"]
