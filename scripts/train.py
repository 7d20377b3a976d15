"""Train a recipe: ``python scripts/train.py lenet5-digits``."""

from zoo.cli.common import run_command
from zoo.cli.train import main

if __name__ == "__main__":
    run_command(main)
