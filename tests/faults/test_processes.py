"""Several processes that train together: all end, or all go on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.processes import wait_for
from tests.faults.runs import difference, outcome
from zoo.recipes.checkpoints import find_checkpoint, generations

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts/train.py"
FLAGS = ["--trainer.accelerator", "cpu", "--trainer.devices", "2", "--trainer.no-progress-bar", "--trainer.checkpoint-every", "5"]
RECIPE = ["mlp-digits", "--data.distortion.rotation", "10", "--trainer.max-epochs", "2", *FLAGS]
RECIPES = {"mlp-digits": RECIPE, "lenet5-digits": ["lenet5-digits", "--trainer.max-epochs", "2", *FLAGS]}
RUN = "runs/mlp-digits-0"  # torchrun takes --run for an option of its own
PLAIN, TORCHRUN = [sys.executable], [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]

slow = pytest.mark.slow  # every process imports everything anew


def _start(args, folder, *, launcher=PLAIN):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        return subprocess.Popen([*launcher, SCRIPT, *args], cwd=folder, env=environment, start_new_session=True, stdout=out, stderr=err)


def _children(process) -> list[int]:
    """Those that train; git and the like are asked on the way."""
    found = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(line.split()[0]) for line in found.stdout.splitlines() if str(SCRIPT) in line]


def _gone(pid: int) -> bool:
    try:
        return "zombie" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


def _kill(victim, process, everyone) -> tuple[int, float]:
    """Kill the first or the last of all processes of a run; returns its exit code, and the seconds after which all were gone."""
    os.kill(everyone[0 if victim == "first" else -1], signal.SIGKILL)
    start = time.monotonic()
    code = process.wait(60)
    wait_for(lambda: all(_gone(pid) for pid in everyone))
    seconds = time.monotonic() - start
    assert code != 0
    assert seconds < 30
    return code, seconds


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Unbroken runs on two processes: what they come to."""
    found = {}
    for name, args in RECIPES.items():
        folder = tmp_path_factory.mktemp("whole")
        assert _start(args, folder).wait(300) == 0
        found[name] = outcome(folder / f"runs/{name}-0")
    return found


@slow
@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("launcher", [PLAIN, TORCHRUN], ids=["plain", "torchrun"])
def test_a_run_on_two_devices_is_stopped_and_goes_on_exactly(launcher, name, whole, tmp_path, report):
    process, run = _start(RECIPES[name], tmp_path, launcher=launcher), f"runs/{name}-0"
    wait_for(lambda: generations(tmp_path / run))
    process.send_signal(signal.SIGTERM)
    code = process.wait(60)
    assert code == 143 if launcher is PLAIN else code != 0
    assert find_checkpoint(tmp_path / run)[0] is not None
    assert _start(["--resume", run], tmp_path, launcher=launcher).wait(300) == 0, (tmp_path / "err").read_text()
    assert difference(whole[name], outcome(tmp_path / run)) is None
    assert (tmp_path / "out").read_text().count("trainable parameters") == 1
    how = "torchrun" if launcher is TORCHRUN else "--trainer.devices 2"
    said = f"code {code}, torchrun's own" if launcher is TORCHRUN else f"code {code}"
    report.add(
        f"SIGTERM to a training of {name} on two processes ({how}), then `--resume` on two",
        count=1,
        result=f"{said}; bit-identical to the unbroken run",
    )


@slow
def test_a_run_goes_on_with_as_many_processes_as_it_began_with(tmp_path, report):
    process = _start(RECIPE, tmp_path)
    wait_for(lambda: generations(tmp_path / RUN))
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    recipe = tmp_path / RUN / "recipe.json"
    recipe.write_text(recipe.read_text().replace('"devices": 2', '"devices": 1'))
    assert _start(["--resume", RUN], tmp_path).wait(300) == 2
    complaint = (tmp_path / "err").read_text()
    assert complaint.count("\n") == 1
    assert "was on 2 devices, this start is on 1" in complaint
    report.add("`--resume` on another number of processes", count=1, result="refused with one line, code 2")


@pytest.mark.parametrize(
    ("launcher", "victim"),
    [
        pytest.param(PLAIN, "second", id="plain-second"),
        pytest.param(PLAIN, "first", id="plain-first", marks=slow),
        pytest.param(TORCHRUN, "second", id="torchrun-second", marks=slow),
        pytest.param(TORCHRUN, "first", id="torchrun-first", marks=slow),
    ],
)
def test_a_dead_process_ends_all_within_thirty_seconds(launcher, victim, tmp_path, report):
    process = _start([*RECIPE, "--trainer.max-epochs", "1000"], tmp_path, launcher=launcher)
    wait_for(lambda: len(generations(tmp_path / RUN)) > 1)
    children = _children(process)
    everyone = children if launcher is TORCHRUN else [process.pid, *children]
    code, seconds = _kill(victim, process, everyone)
    if launcher is PLAIN:  # torchrun has much to say of its own
        said = (tmp_path / "err").read_text()
        assert said == "" if victim == "first" else said.startswith("error: another process of this run has ended")
        assert said.count("\n") == (0 if victim == "first" else 1)
    assert find_checkpoint(tmp_path / RUN)[1] is None
    how = "torchrun" if launcher is TORCHRUN else "--trainer.devices 2"
    report.add(f"kill -9 of the {victim} of two processes ({how})", count=1, result=f"all gone after {seconds:.1f} s, exit code {code}")


@slow
@pytest.mark.parametrize("victim", ["first", "second"])
def test_a_process_that_dies_before_they_have_met_ends_all(victim, tmp_path, report):
    process = _start([*RECIPE, "--trainer.max-epochs", "1000"], tmp_path)
    wait_for(lambda: _children(process), seconds=120)
    _, seconds = _kill(victim, process, [process.pid, *_children(process)])
    assert (tmp_path / "err").read_text().count("\n") == (0 if victim == "first" else 1)
    report.add(f"kill -9 of the {victim} of two processes before they have met", count=1, result=f"all gone after {seconds:.1f} s")


@slow
def test_a_disk_that_fills_up_beneath_two_processes_is_told_once(tmp_path, report):
    limit = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)); "
    code = f"{limit}sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    assert _start([*RECIPE, "--trainer.max-epochs", "100"], tmp_path, launcher=[sys.executable, "-c", code]).wait(120) == 1
    complaint = (tmp_path / "err").read_text()
    assert complaint.count("\n") == 1
    assert "File too large" in complaint
    report.add("no file may grow beyond 60 kB; two processes", count=1, result="exit code 1, one line")
