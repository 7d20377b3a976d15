"""The folder of a run: its own from before the first step, locked while it is used."""

import contextlib
import fcntl
import os
import shutil
from itertools import count
from pathlib import Path

from zoo.errors import ZooError
from zoo.recipes.durable import remove_leftovers
from zoo.recipes.processes import is_first_process, tell_others, told_by_first

RUNS = Path("runs")
_LOCK = ".lock"
_SPARE = 64 << 20  # bytes for logs and pictures

_locks: dict[Path, int] = {}  # descriptors, open as long as the folder is ours
_made: set[Path] = set()  # folders that were not there before


def create_run_folder(name: str, wanted: Path | None) -> Path:
    """Make a folder that no other run has: ``wanted``, or ``runs/NAME-N`` with the next free number.

    Of several processes that train together, the first one makes it and tells the others.

    Raises:
        ZooError: The folder exists and is not empty, is in use, or cannot be written.
    """
    if not is_first_process():
        return Path(told_by_first())
    folder = _new_folder(name, wanted)
    tell_others(os.fspath(folder))
    return folder


def claim_run_folder(folder: Path) -> None:
    """Take the folder of an interrupted run, to go on in it, and clear away what the interruption left half written.

    Raises:
        ZooError: Another process is using it, or it cannot be written.
    """
    if not is_first_process():
        told_by_first()
        return
    try:
        _lock(folder)
        for place in (folder, folder / "checkpoints"):
            remove_leftovers(place)
    except OSError as error:
        raise ZooError(f"{folder}: the run folder cannot be written ({error.strerror}), so the run cannot go on") from error
    tell_others(os.fspath(folder))


def release_run_folder(folder: Path) -> None:
    """Let go of a folder; one that was made for the run, and in which nothing was written, is taken back."""
    descriptor = _locks.pop(folder, None)
    if descriptor is None:
        return
    if folder.is_dir() and [path.name for path in folder.iterdir()] == [_LOCK]:
        (folder / _LOCK).unlink()
        if folder in _made:
            with contextlib.suppress(OSError):  # another process may have begun to use it meanwhile
                folder.rmdir()
    os.close(descriptor)


def check_space(folder: Path, *, parameters: int) -> None:
    """Refuse to start a run whose checkpoints would not fit on the disk.

    Args:
        folder: The run's.
        parameters: Bytes of the model's weights.

    Raises:
        ZooError: With what is needed and what is free.
    """
    # Weights and Adam's two moments, in two generations, the best and one being written; the released file.
    need = 13 * parameters + _SPARE
    free = shutil.disk_usage(folder).free
    if free < need:
        raise ZooError(f"{folder}: {free >> 20} MiB are free, the run needs {need >> 20}; make room, or begin elsewhere with --run")


def _new_folder(name: str, wanted: Path | None) -> Path:
    try:
        if wanted is not None:
            if wanted.parts and wanted.parts[0].endswith(":"):  # as in s3://bucket
                raise ZooError(f"{wanted}: runs are kept in local folders only")
            if not wanted.exists():
                _made.add(wanted)
            wanted.mkdir(parents=True, exist_ok=True)
            _lock(wanted)
            if any(path.name != _LOCK for path in wanted.iterdir()):
                release_run_folder(wanted)
                raise ZooError(f"{wanted}: the run folder is not empty; choose another one, or go on with --resume {wanted}")
            return wanted
        RUNS.mkdir(exist_ok=True)
        for number in count():
            folder = RUNS / f"{name}-{number}"
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            _made.add(folder)
            _lock(folder)
            return folder
    except OSError as error:
        raise ZooError(
            f"{wanted or RUNS.absolute()}: the run folder cannot be written ({error.strerror}); choose one with --run"
        ) from error
    raise AssertionError("count() has no end")


def _lock(folder: Path) -> None:
    """Lock a file in the folder, as long as this process lives.

    Raises:
        ZooError: Another process has it.
        OSError: It cannot be written.
    """
    path = folder / _LOCK
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(descriptor), path.stat()):  # its last user took the file away meanwhile
            raise BlockingIOError
    except (BlockingIOError, FileNotFoundError) as error:
        os.close(descriptor)
        raise ZooError(f"{folder}: another training is using this run folder; choose another one with --run") from error
    _locks[folder] = descriptor
