"""Where the figures of the fault tests are collected."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.faults.report import Report


@pytest.fixture(scope="session")
def reliability(request) -> Report:
    """docs/reliability.md."""
    path = request.config.getoption("--reliability")
    return Report(Path(path) if path else None)


@pytest.fixture
def report(reliability, request) -> SimpleNamespace:
    """Where a test leaves what it measured."""
    test = f"`{request.path.name}::{request.function.__name__}`"
    reliability.begin(test)
    return SimpleNamespace(add=partial(reliability.add, test=test))
