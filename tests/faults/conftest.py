"""Where the figures of the fault tests are collected."""

from pathlib import Path

import pytest

from tests.faults.report import Report


@pytest.fixture(scope="session")
def report(request) -> Report:
    """Where a test leaves what it measured, for docs/reliability.md."""
    path = request.config.getoption("--reliability")
    return Report(Path(path) if path else None)
