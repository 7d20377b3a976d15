"""Figures of the fault tests, and counts: few in the default run, those that matter under ``-m slow``."""

from pathlib import Path

import pytest

from tests.faults.report import Report

_report = pytest.StashKey[Report]()


def pytest_configure(config):
    config.stash[_report] = Report()


def pytest_sessionfinish(session):
    if path := session.config.getoption("--reliability"):
        session.config.stash[_report].write(Path(path))


@pytest.fixture
def report(request) -> Report:
    """Where a test leaves what it measured, for docs/reliability.md."""
    return request.config.stash[_report]
