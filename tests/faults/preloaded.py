"""What the server of ``processes.py`` imports once for all its children."""

import matplotlib.pyplot  # noqa: F401
import sklearn.datasets  # noqa: F401

import zoo.cli.evaluate
import zoo.cli.finetune
import zoo.cli.train
import zoo.models
import zoo.recipes.run  # noqa: F401
