"""What the guards cost: the look at every step's numbers, and the saves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def test_the_guards_cost_at_most_three_percent_of_an_epoch(tmp_path, report):
    """In a process of its own, on one thread: the tests' shape checks and a neighbour's work would be in the figure."""
    command = [sys.executable, ROOT / "scripts/benchmark.py", "guards", "--repeats", "25", "--json", tmp_path / "figures.json"]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"})
    ratio = json.loads((tmp_path / "figures.json").read_text())["seconds guarded / unguarded"]
    assert ratio <= 1.03
    report.add(
        "an epoch of LeNet-5 (12,800 pictures, batches of 256, one thread) with and without the guards, in turns",
        count=25,
        result=f"median ratio of seconds {ratio:.3f}",
    )
