"""Check every hand-written gradient: ``python scripts/verify_gradients.py``."""

from zoo.cli.common import run_command
from zoo.cli.verify_gradients import main

if __name__ == "__main__":
    run_command(main)
