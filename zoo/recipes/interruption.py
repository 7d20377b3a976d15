"""Signals that ask a training to stop are noted, and obeyed between two steps."""

import os
import signal
import threading
from types import FrameType
from typing import Any

_LISTENED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


class Interrupted(Exception):
    """Raised between two steps after a signal asked the training to stop; everything is saved."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Signals:
    """Notes the first signal in ``received``; a Ctrl-C after it ends the process at once, with code 130.

    Other signals come in pairs by themselves, as when a terminal is closed, and say nothing new.
    """

    def __init__(self) -> None:
        self.received = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Signals":
        """Take the signals from now on, but for those that the process was started to ignore, as ``nohup`` does."""
        if threading.current_thread() is threading.main_thread():  # Python hands signals to no other
            before = {number: signal.getsignal(number) for number in _LISTENED}
            self._before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
        for number in self._before:
            signal.signal(number, self._note)
        return self

    def __exit__(self, *args: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.received and number == signal.SIGINT:
            os._exit(128 + number)
        self.received = self.received or number
