"""Several processes, one run: those that Lightning starts for further devices, or those that torchrun started."""

import os
import time
from datetime import timedelta
from threading import Thread
from typing import Any

from zoo.errors import ZooError

_MESSAGE, _FIRST = "ZOO_RUN_FOLDER", "ZOO_RUN_PROCESS"
_PATIENCE = timedelta(seconds=60)


def check_processes(devices: int) -> None:
    """Refuse a start by torchrun of other than one process a device: each would take the run for its own.

    Raises:
        ZooError: With both numbers.
    """
    if _by_torchrun() and (started := int(os.environ["WORLD_SIZE"])) != devices:
        raise ZooError(f"torchrun started {started} processes, --trainer.devices is {devices}: make both equal")


def is_first_process() -> bool:
    """Whether this process makes the run's folder and speaks for the run."""
    if _by_torchrun():
        return os.environ["RANK"] == "0"
    return os.environ.get("LOCAL_RANK", "0") == "0" or _MESSAGE not in os.environ


def tell_others(folder: str) -> None:
    """Tell the other processes which folder the run has."""
    os.environ |= {_MESSAGE: folder, _FIRST: str(os.getpid())}  # Lightning's processes inherit both
    if _by_torchrun():
        _store().set(_key(), folder)


def told_by_first() -> str:
    """The folder that the first process has chosen."""
    return _store().get(_key()).decode() if _by_torchrun() else os.environ[_MESSAGE]


def end_with_first() -> None:
    """Let a process that Lightning started end when the first one does; where it waits for that one, nothing else would end it."""
    if not _by_torchrun() and not is_first_process():
        Thread(target=_watch, args=[int(os.environ[_FIRST])], daemon=True).start()


def _watch(first: int) -> None:
    while os.getppid() == first:
        time.sleep(0.5)
    os._exit(1)


def is_of_others(error: BaseException) -> bool:
    """Whether an error only says that another process has ended, or could not be reached."""
    from torch.distributed import DistError  # imported late: --help reads this file

    return isinstance(error, DistError) or "gloo" in str(error).lower()


def _by_torchrun() -> bool:
    return "TORCHELASTIC_RUN_ID" in os.environ


def _key() -> str:
    return f"zoo/run/{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}"


def _store() -> Any:
    from torch.distributed import TCPStore  # type: ignore[attr-defined]  # imported late: only torchrun needs it

    hosted = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
    address, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    return TCPStore(address, port, is_master=not hosted and is_first_process(), timeout=_PATIENCE)
