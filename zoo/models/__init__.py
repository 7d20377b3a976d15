"""The models, one family a file. Importing this package registers them all."""

from zoo.models import deep_learn_toolbox, lenet, mlp, rbm

__all__ = ["deep_learn_toolbox", "lenet", "mlp", "rbm"]
