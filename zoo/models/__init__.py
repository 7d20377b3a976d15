"""The models, one family a file. Importing this package registers them all."""

from zoo.models import autoencoder, dbn, dbn_acoustic, deep_learn_toolbox, gap_net, lenet, mlp, rbm, torchvision_classifier

__all__ = ["autoencoder", "dbn", "dbn_acoustic", "deep_learn_toolbox", "gap_net", "lenet", "mlp", "rbm", "torchvision_classifier"]
