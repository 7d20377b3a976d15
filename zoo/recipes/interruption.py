"""Signals that ask a training to stop are noted, and obeyed between two steps."""

import os
import signal
import threading
from types import FrameType

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

    def listen(self) -> None:
        """Take the signals from now on, but for those that the process was started to ignore, as ``nohup`` does.

        Lightning's trainer, which has handlers of its own, puts the old ones back at its end.
        """
        if threading.current_thread() is not threading.main_thread():
            return  # Python hands signals to no other
        for number in _LISTENED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.received and number == signal.SIGINT:
            os._exit(128 + number)
        self.received = self.received or number
