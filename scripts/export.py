"""Release weights, write cards and ONNX files: ``python scripts/export.py onnx lenet5.mnist_v1``."""

from zoo.cli.common import run_command
from zoo.cli.export import main

if __name__ == "__main__":
    run_command(main)
