"""Calling commands in tests."""

import sys

import pytest

from zoo.cli.common import run_command


def fails_with_one_line(main, args, capsys) -> str:
    """Run a command as its script does; it must end with code 2 and one line on stderr, which is returned."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["script", *map(str, args)])
        with pytest.raises(SystemExit) as exit:
            run_command(main)
    message = capsys.readouterr().err
    assert exit.value.code == 2
    assert message.startswith("error: ")
    assert message.count("\n") == 1
    return message
