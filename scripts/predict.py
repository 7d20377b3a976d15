"""Classify pictures: ``python scripts/predict.py lenet5.mnist_v1 picture.png``."""

from zoo.cli.common import run_command
from zoo.cli.predict import main

if __name__ == "__main__":
    run_command(main)
