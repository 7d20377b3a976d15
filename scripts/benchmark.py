"""Measure speed: ``python scripts/benchmark.py lenet5``."""

from zoo.cli.benchmark import main
from zoo.cli.common import run_command

if __name__ == "__main__":
    run_command(main)
