"""Describe a model: ``python scripts/describe.py lenet5.mnist_v1``."""

from zoo.cli.common import run_command
from zoo.cli.describe import main

if __name__ == "__main__":
    run_command(main)
