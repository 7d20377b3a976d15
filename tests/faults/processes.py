"""Commands in processes of their own, which start at once: a server that has imported everything forks them off."""

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from zoo.cli.common import run_command

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.preloaded"])


def start(command, args, *, folder: Path, name: str = "out", environment=None, prepare=None) -> BaseProcess:
    """Start ``command(args)`` as its script would, in ``folder``; what it says goes to files there.

    Args:
        command: The ``main`` of a module of ``zoo.cli``, or any other function of a list of strings.
        args: What is typed after the script's name.
        folder: Where.
        name: Of the files with its output: ``NAME.stdout`` and ``NAME.stderr``.
        environment: Variables to set.
        prepare: Called in the process before the command: plants a fault.
    """
    given = (command, [str(arg) for arg in args], folder, name, environment or {}, prepare)
    process = _context.Process(target=_run, args=given)
    process.start()
    return process


def finish(process: BaseProcess, *, seconds: float = 1200) -> int:
    """Wait for a process; returns its exit code, negative if a signal ended it."""
    process.join(seconds)
    if process.is_alive():
        process.kill()
        raise TimeoutError(f"the process was still there after {seconds} s")
    assert process.exitcode is not None
    return process.exitcode


def wait_for(condition, *, seconds: float = 60) -> None:
    """Return as soon as ``condition()`` holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{condition} did not come true in {seconds} s")
        time.sleep(0.002)


def _run(command, args, folder, name, environment, prepare) -> None:
    import torch

    os.chdir(folder)
    os.environ.update(environment)
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which is ignored where the tests run in a shell's background,
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as this is under nohup
    torch.set_num_threads(1)
    for stream, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(f"{name}.{stream}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    sys.argv = ["script", *args]
    if prepare:
        prepare()
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: (sys.stdout.flush(), sys.stderr.flush()))
        run_command(command)
