"""explain.py dbn.TAG: the pictures that the hidden units of a stack look for."""

from zoo.cli.explain.rbm import main

__all__ = ["main"]
