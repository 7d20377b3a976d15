"""How long it takes until something happens, and how much memory it takes, in processes of their own."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from zoo.benchmarks.timing import interleave, median_ratio
from zoo.errors import ZooError

SCRIPTS = Path(__file__).parent.parent.parent / "scripts"


def benchmark_startup(*, repeats: int) -> dict[str, Any]:
    """Time ``--help`` of every script, the imports, and a training of one batch.

    Raises:
        ValueError: The scripts are not here; they come with a checkout.
    """
    if not SCRIPTS.is_dir():
        raise ZooError(f"{SCRIPTS}: the scripts are not beside the package; run this in a checkout")
    imports = interleave(
        {
            "import torch": lambda: _seconds("-c", "import torch"),
            "import zoo": lambda: _seconds("-c", "import zoo"),
            "zoo.get_model": lambda: _seconds("-c", "import zoo; zoo.get_model('lenet5')"),
        },
        repeats=repeats,
    )
    figures: dict[str, Any] = {name: timing.figures() for name, timing in imports.items()}
    figures["import zoo / import torch"] = median_ratio(imports["import zoo"], imports["import torch"])
    figures["zoo.get_model / import torch"] = median_ratio(imports["zoo.get_model"], imports["import torch"])
    help_ = {script.name: (lambda path=script: _seconds(str(path), "--help")) for script in sorted(SCRIPTS.glob("*.py"))}
    figures["--help"] = {name: timing.figures() for name, timing in interleave(help_, repeats=repeats).items()}
    figures["slowest --help"] = max(timing["median"] for timing in figures["--help"].values())
    one = interleave({"one batch": _train_one_batch}, repeats=max(1, repeats // 2))
    figures["train one batch"] = one["one batch"].figures()
    figures["peak memory of a training, MB"] = _peak_memory()
    return figures


def _seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def _training(folder: str, *flags: str) -> list[str]:
    run = str(Path(folder) / "run")
    return [str(SCRIPTS / "train.py"), "lenet5-digits", "--run", run, "--trainer.no-progress-bar", *flags]


def _train_one_batch() -> float:
    with tempfile.TemporaryDirectory() as folder:
        return _seconds(*_training(folder, "--trainer.max-steps", "1"))


def _peak_memory() -> float:
    """Largest resident set of a one-epoch training, as the kernel counted it."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, *_training(folder, "--trainer.max-epochs", "1")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise ZooError("the training of which the memory was to be measured failed; run scripts/train.py lenet5-digits")
    return usage.ru_maxrss / 1024
