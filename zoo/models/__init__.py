"""The models, one family a file. Importing this package registers them all."""

from zoo.models import autoencoder, dbn, deep_learn_toolbox, lenet, mlp, rbm

__all__ = ["autoencoder", "dbn", "deep_learn_toolbox", "lenet", "mlp", "rbm"]
