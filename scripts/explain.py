"""See where a model looks: ``python scripts/explain.py gap_net.cluttered_mnist_v1 picture.png --out overlay.png``."""

from zoo.cli.common import run_command
from zoo.cli.explain import main

if __name__ == "__main__":
    run_command(main)
