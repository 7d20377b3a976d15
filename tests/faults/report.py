"""What the fault tests measured, as a page: ``pytest tests/faults -m slow --reliability docs/reliability.md``."""

import platform
from collections import defaultdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_HEAD = """# What was done to runs and files, and what came of it

Written by the fault tests; do not edit. Measured on {date} by

    pytest tests/faults -m slow --reliability docs/reliability.md

with Python {python}, {packages}, on {platform}. A row is there only if its test passed; the counts are those of that very run.

| What was done | How often | What came of it |
| --- | --- | --- |
"""


class Report:
    """Rows of the page."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[int, str]]] = defaultdict(list)

    def add(self, what: str, *, count: int, result: str) -> None:
        """Note that a test has passed.

        Args:
            what: What was done.
            count: How often.
            result: What came of it, with the figures that were measured.
        """
        self._rows[what].append((count, result))

    def write(self, path: Path) -> None:
        """Write the page."""
        packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "pytorch-lightning", "safetensors", "pillow"))
        head = _HEAD.format(date=f"{datetime.now(UTC):%Y-%m-%d}", python=platform.python_version(), packages=packages, platform=platform.platform())
        rows = [f"| {what} | {count:,} | {result} |" for what, all_ in self._rows.items() for count, result in all_]
        path.write_text(head + "\n".join(rows) + "\n")
