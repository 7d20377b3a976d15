"""The one exception for what a user can put right."""


class ZooError(ValueError):
    """A user's mistake: its text is one line that says what is wrong, where, and what to do.

    The scripts print it without a traceback and exit with code 2; every other exception is a bug
    and keeps its traceback. It is a ``ValueError``, so that library users need not know the type.
    """
