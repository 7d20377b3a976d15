"""What the fault tests measured, as a page: see ``_HEAD`` for the command."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_HEAD = """# What was done to runs and files, and what came of it

Written by the fault tests; do not edit. Measured on {date} by

    pytest tests/faults -m "slow or not slow" --reliability docs/reliability.md

with Python {python}, {packages}, on {platform}. A row is there only if its test passed in this very run.

| What was done | How often | What came of it |
| --- | --- | --- |
"""


class Report:
    """Rows of the page, which is written anew with each of them.

    Args:
        path: The page; None writes nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._rows: dict[str, tuple[int, str]] = {}

    def add(self, what: str, *, count: int, result: str) -> None:
        """Note that a test has passed; of one that ran with several counts the largest is kept.

        Args:
            what: What was done.
            count: How often.
            result: What came of it, with the figures that were measured.
        """
        self._rows[what] = max(self._rows.get(what, (0, "")), (count, result))
        if self.path:
            self.path.write_text(self._page())

    def _page(self) -> str:
        head = _HEAD.format(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            python=platform.python_version(),
            packages=", ".join(f"{name} {version(name)}" for name in ("torch", "pytorch-lightning", "safetensors", "pillow")),
            platform=platform.platform(),
        )
        return head + "".join(f"| {what} | {count:,} | {result} |\n" for what, (count, result) in self._rows.items())
