"""Commands under limits, and programs by strangers that are run all the same."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from zoo.errors import ZooError

_LAUNCHER = (sys.executable, "-I", "-S", str(Path(__file__).with_name("launcher.py")))
_SPACE = 32 << 20  # bytes of all files that a compiler and its program can write, together
_APART = ("unshare", "--mount", "--net", "--ipc", "--pid", "--fork", "--kill-child")


@dataclass(frozen=True)
class Limits:
    """What a command may take."""

    seconds: int = 2
    """Of computing."""
    memory: int = 256 << 20
    """Bytes of addresses."""
    file: int = 1 << 20
    """Bytes of any file that it writes."""
    processes: int | None = None
    """Processes and threads of its user, all together; None for no limit."""


@dataclass(frozen=True)
class Outcome:
    """What came of running a program."""

    output: str
    ending: str
    """How it ended, for people."""


def limited(command: list[str], limits: Limits) -> list[str]:
    """The command line that runs ``command`` under limits."""
    return [*_LAUNCHER, json.dumps({"command": command, "limits": asdict(limits)})]


def run_confined(source: str, compiler: Sequence[str], *, given: str, building: Limits, running: Limits) -> Outcome:
    """Build and run a program that nobody has read: it sees no file but the system's programs and libraries, and no network.

    What it writes goes to a small file system in memory, which is gone afterwards; all that it starts ends with it.

    Args:
        source: The program in C.
        compiler: The command that makes ``program`` of ``program.c``.
        given: What the program reads from its standard input.
        building: What the compiler may take.
        running: What the program may take; ``seconds`` of computing, and three times as many to wait.

    Raises:
        ZooError: The system does not let a program be confined.
    """
    apart = _apart()
    patience = 3 * running.seconds
    with tempfile.TemporaryDirectory() as folder:
        root, output = Path(folder, "root"), Path(folder, "output")
        root.mkdir()
        order = {"root": str(root), "space": _SPACE, "source": source, "compiler": list(compiler), "building": asdict(building)}
        order |= {"running": asdict(running), "given": given, "output": str(output), "patience": patience, "nobody": apart == [*_APART]}
        done = subprocess.run([*apart, *_LAUNCHER], input=json.dumps(order), capture_output=True, text=True, errors="replace")
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ZooError(f"--run: this system does not let a program be confined ({said}); it was not run")
        found = json.loads(done.stdout)
        if not found["built"]:
            return Outcome("", "could not be built")
        return Outcome(output.read_bytes().decode(errors="replace"), _ending(found["code"], running, patience))


def _apart() -> list[str]:
    """The command that takes another one away from the system's files, network and processes: as root, or as root of its own space."""
    for user in ([], ["--map-root-user"]):
        command = [*_APART, *user]
        if (
            all(map(shutil.which, ("unshare", "mount", "setpriv")))
            and not subprocess.run([*command, "true"], capture_output=True).returncode
        ):
            return command
    raise ZooError("--run: this system does not let a program be confined (unshare, mount and setpriv of util-linux); nothing was run")


def _ending(code: int | None, limits: Limits, patience: int) -> str:
    if code is None or code == -signal.SIGXCPU:
        return f"stopped: out of time, {limits.seconds} s of computing or {patience} s in all"
    if code == -signal.SIGXFSZ:
        return f"stopped: wrote more than {limits.file >> 20} MiB"
    return f"ended with code {code}" if code >= 0 else f"ended by a signal: {signal.strsignal(-code)}"
