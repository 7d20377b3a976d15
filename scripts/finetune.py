"""Fine-tune a trained model: ``python scripts/finetune.py lenet5.mnist_v1 --data folder --data.root DIR``."""

from zoo.cli.common import run_command
from zoo.cli.finetune import main

if __name__ == "__main__":
    run_command(main)
