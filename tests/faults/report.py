"""What the fault tests measured, as a page: see ``_HEAD`` for the command."""

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

_HEAD = """# What was done to runs and files, and what came of it

Written by the fault tests; do not edit. All of it is measured by

    pytest tests/faults -m "slow or not slow" --reliability docs/reliability.md

and a part of it by naming tests. A row has the day and the commit of its test's last run: a test that runs again takes its rows away,
and writes them when it has passed. The last run was with Python {python}, {packages}, on {platform}.

| What was done | How often | What came of it | Shown by | When |
| --- | --- | --- | --- | --- |
"""
_ROOT = Path(__file__).parents[2]


class Row(NamedTuple):
    """A line of the page."""

    what: str
    count: int
    result: str
    test: str
    when: str

    def __str__(self) -> str:
        return f"| {self.what} | {self.count:,} | {self.result} | {self.test} | {self.when} |\n"

    @classmethod
    def read(cls, line: str) -> "Row":
        """The row that was written as ``line``."""
        what, count, *rest = (cell.strip() for cell in line.strip().strip("|").split(" | "))
        return cls(what, int(count.replace(",", "")), *rest)


class Report:
    """The page, which is written anew with each row.

    Args:
        path: Where it is; None writes nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        lines = path.read_text().splitlines() if path and path.is_file() else []
        self.rows = [Row.read(line) for line in lines if line.startswith("| ") and not line.startswith(("| What", "| ---"))]
        self._begun: set[str] = set()
        self._when = f"{datetime.now(UTC):%Y-%m-%d}, {_commit()}"

    def begin(self, test: str) -> None:
        """Take away what an earlier run of a test has shown."""
        if test not in self._begun:
            self._begun.add(test)
            self.rows = [row for row in self.rows if row.test != test]
            self._write()

    def add(self, what: str, *, count: int, result: str, test: str) -> None:
        """Note that a test has passed; of one that ran with several counts the largest is kept.

        Args:
            what: What was done.
            count: How often.
            result: What came of it, with the figures that were measured.
            test: Which test.
        """
        same = [row for row in self.rows if row.what == what]
        if not any(row.count > count for row in same):
            self.rows = [*(row for row in self.rows if row.what != what), Row(what, count, result, test, self._when)]
        self._write()

    def _write(self) -> None:
        if self.path:
            packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "pytorch-lightning", "safetensors", "pillow"))
            head = _HEAD.format(python=platform.python_version(), packages=packages, platform=platform.platform())
            self.path.write_text(head + "".join(map(str, sorted(self.rows, key=lambda row: row.test))))


def _commit() -> str:
    """The code's commit, marked where it was changed since; that the page itself was does not count."""

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(_ROOT), *words], capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    return (git("rev-parse", "--short=9", "HEAD") or "outside a checkout") + "-dirty" * bool(changed)
