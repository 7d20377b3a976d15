"""Keeps the terminal for what the zoo has to say."""

import logging
import sys
import threading
import warnings
from collections.abc import Callable
from functools import partial

import torch

# Messages of libraries about themselves, which a user of the zoo can do nothing about; everything else is shown.
_BESIDE_THE_POINT = (
    r".*does not have many workers.*",  # our loaders serve from memory and need none
    r".*smaller than the logging interval.*",  # small sets have short epochs
    r".*`isinstance\(treespec, LeafSpec\)` is deprecated.*",  # Lightning 2.6 on newer torch
    r".*`torch\.jit\.trace.*` is deprecated.*",  # TensorBoard's add_graph
    r".*You defined a `validation_step` but have no `val_dataloader`.*",  # --data.validation 0
    r".*Total length of `list` across ranks is zero.*",  # the same
    r".*Checkpoint directory .* exists and is not empty.*",  # --resume
)


_OBSERVER = logging.getLogger("lightning_fabric.strategies.launchers.subprocess_script")


class _LastWord(logging.Handler):
    """Says why a run ends, when Lightning sees that one of its processes is dead and kills the others."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._unsaid = threading.Lock()

    def claim(self) -> bool:
        return self._unsaid.acquire(blocking=False)

    def emit(self, record: logging.LogRecord) -> None:
        if self.claim():
            sys.stderr.write("error: another process of this run has ended, so it ends here; what was saved is whole\n")
            sys.stderr.flush()


def claim_last_word() -> bool:
    """Whether whoever asks may say why the run ends: two threads can find out that another process has, and one line is enough."""
    return all(handler.claim() for handler in _OBSERVER.handlers if isinstance(handler, _LastWord))


def quiet() -> None:
    """Silence Lightning's advertising and the libraries' talk about one another."""
    _OBSERVER.handlers, _OBSERVER.propagate = [_LastWord()], False
    _OBSERVER.setLevel(logging.INFO)
    for name in ("pytorch_lightning", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for message in _BESIDE_THE_POINT:
        warnings.filterwarnings("ignore", message=message)
    warnings.filterwarnings("ignore", category=torch.jit._trace.TracerWarning)
    if getattr(threading.excepthook, "func", None) is not _hear:
        threading.excepthook = partial(_hear, threading.excepthook)


def _hear(tell: Callable[[threading.ExceptHookArgs], object], failure: threading.ExceptHookArgs) -> None:
    """Pass on what went wrong in a thread, unless TensorBoard could not write: the writer raises that itself at its next use."""
    by_tensorboard = type(failure.thread).__module__.startswith("tensorboard.")
    if not (by_tensorboard and isinstance(failure.exc_value, OSError)):
        tell(failure)
