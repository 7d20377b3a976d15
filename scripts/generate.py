"""Let a model make something: ``python scripts/generate.py dbn.mnist_v1 --digit 3 --out threes.png``."""

from zoo.cli.common import run_command
from zoo.cli.generate import main

if __name__ == "__main__":
    run_command(main)
