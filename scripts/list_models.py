"""List the models: ``python scripts/list_models.py``."""

from zoo.cli.common import run_command
from zoo.cli.list_models import main

if __name__ == "__main__":
    run_command(main)
