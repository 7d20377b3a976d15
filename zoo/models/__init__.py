"""The models, one family a file. Importing this package registers them all."""

from zoo.models import (
    autoencoder,
    char_lstm,
    dbn,
    dbn_acoustic,
    deep_learn_toolbox,
    gap_net,
    generalized_similarity,
    l2l,
    lenet,
    lenets_pp,
    lstm_transducer,
    mlp,
    ntm,
    rbm,
    recall,
    torchvision_classifier,
)

__all__ = [
    "autoencoder",
    "char_lstm",
    "dbn",
    "dbn_acoustic",
    "deep_learn_toolbox",
    "gap_net",
    "generalized_similarity",
    "l2l",
    "lenet",
    "lenets_pp",
    "lstm_transducer",
    "mlp",
    "ntm",
    "rbm",
    "recall",
    "torchvision_classifier",
]
