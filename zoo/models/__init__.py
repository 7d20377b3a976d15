"""The models, one family a file. Importing this package registers them all."""

from zoo.models import autoencoder, dbn, dbn_acoustic, deep_learn_toolbox, generalized_similarity, lenet, lenets_pp, mlp, ntm, rbm

__all__ = ["autoencoder", "dbn", "dbn_acoustic", "deep_learn_toolbox", "generalized_similarity", "lenet", "lenets_pp", "mlp", "ntm", "rbm"]
