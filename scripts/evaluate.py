"""Evaluate a trained model: ``python scripts/evaluate.py lenet5.mnist_v1``."""

from zoo.cli.common import run_command
from zoo.cli.evaluate import main

if __name__ == "__main__":
    run_command(main)
