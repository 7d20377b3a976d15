"""The exceptions that are answered with one line: a user's mistake, and the end of a run that could not go on."""

import difflib
import math
from collections.abc import Sequence


class ZooError(ValueError):
    """A user's mistake: its text is one line that says what is wrong, where, and what to do.

    The scripts print it without a traceback and exit with code 2; every other exception is a bug
    and keeps its traceback. It is a ``ValueError``, so that library users need not know the type.
    """


class RunError(RuntimeError):
    """What stopped a run that had begun: a full disk, a loss that is no number.

    The scripts print its one line without a traceback and exit with code 1.
    """


class LostProcessError(RunError):
    """Another process of the run has ended.

    The scripts leave without tidying up: what the library's threads wait for will not come, and it would complain of them.
    """


def did_you_mean(name: str, known: Sequence[str], *, otherwise: str) -> str:
    """The hint for a name that is not known: the nearest ones, or ``otherwise`` where none is near."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    return f"did you mean {' or '.join(near)}?" if near else otherwise


def check_range(flag: str, value: float, *, least: float, below: float = float("inf")) -> None:
    """Refuse an option's value outside ``[least, below)``, and what is no number.

    Raises:
        ZooError: With the flag, the value and the range.
    """
    if not math.isfinite(value):
        raise ZooError(f"{flag} {value}: must be a finite number")
    if not least <= value < below:
        until = f" and below {below:g}" if below < float("inf") else ""
        raise ZooError(f"{flag} {value}: must be at least {least:g}{until}")
