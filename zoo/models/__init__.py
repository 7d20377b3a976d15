"""The models, one family a file. Importing this package registers them all."""

from zoo.models import lenet, mlp

__all__ = ["lenet", "mlp"]
