"""Check every hand-written gradient: ``python scripts/verify_gradients.py``."""

from zoo.cli.verify_gradients import main
from zoo.cli.common import run_command

if __name__ == "__main__":
    run_command(main)
