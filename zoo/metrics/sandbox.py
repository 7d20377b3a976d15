"""Commands under limits, and programs by strangers that are run all the same."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from zoo.errors import ZooError


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
    """Processes and threads of this user, all together; None for no limit."""


@dataclass(frozen=True)
class Outcome:
    """What came of running a program."""

    output: str
    ending: str
    """How it ended, for people."""


# Sets the limits on itself and becomes the command: no code of ours runs between fork and exec of a process with threads.
# Root is bound by no limit on processes, so it becomes nobody.
_LAUNCHER = """
import os, resource, sys
names = dict(cpu=resource.RLIMIT_CPU, memory=resource.RLIMIT_AS, file=resource.RLIMIT_FSIZE, processes=resource.RLIMIT_NPROC)
while sys.argv[1] != "--":
    name, value = sys.argv.pop(1).split("=")
    if name == "processes" and os.getuid() == 0:
        os.setgroups([]), os.setgid(65534), os.setuid(65534)
    resource.setrlimit(names[name], (int(value), int(value)))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.execvp(sys.argv[2], sys.argv[2:])
"""


def limited(command: list[str], limits: Limits) -> list[str]:
    """The command line that runs ``command`` under limits."""
    values = [f"cpu={limits.seconds}", f"memory={limits.memory}", f"file={limits.file}"]
    values += [f"processes={limits.processes}"] if limits.processes is not None else []
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, *values, "--", *command]


def run_confined(binary: Path, given: str, limits: Limits) -> Outcome:
    """Run a program that nobody has read: without network, in its own folder, under limits, and not for long.

    Args:
        binary: The program, in a folder that is made for it.
        given: What it reads from its standard input.
        limits: What it may take; ``seconds`` of computing, and three times as many to wait.

    Raises:
        ZooError: The system does not let its network be cut off.
    """
    confine = ["unshare", "--net", "--pid", "--fork", "--kill-child", *([] if os.getuid() == 0 else ["--map-current-user"])]
    if shutil.which("unshare") is None or subprocess.run([*confine, "true"], capture_output=True).returncode:
        raise ZooError("--run: this system does not let a program's network be cut off (unshare --net); nothing was run")
    binary.parent.chmod(0o777)
    printed = binary.parent / "output"
    patience = 3 * limits.seconds
    with printed.open("wb") as output:
        # The first process of the namespace is timeout: when it ends, the kernel ends all that the program may have started.
        command = [*confine, "timeout", "--signal=KILL", str(patience), *limited([str(binary)], limits)]
        done = subprocess.run(command, cwd=binary.parent, env={}, input=given.encode(), stdout=output, stderr=output)
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    ending = f"stopped: out of time, {limits.seconds} s of computing or {patience} s in all" if code == 137 else f"ended with code {code}"
    return Outcome(printed.read_bytes().decode(errors="replace"), ending)
