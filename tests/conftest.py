"""Fixtures of all tests; shapes in annotations are checked while they run."""

import os
import signal
from pathlib import Path

import pytest
import torch
from jaxtyping import install_import_hook

import tests.typecheck  # noqa: F401  (the hook looks it up by name)

install_import_hook("zoo", "tests.typecheck.check")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as for a script's background jobs; trainings then ignore Ctrl-C as well
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--reliability", metavar="FILE", help="write what the fault tests measured (docs/reliability.md)")


def pytest_collection_modifyitems(items):
    """Tests that need a GPU are skipped, visibly, where there is none."""
    if not torch.cuda.is_available():
        for item in items:
            if item.get_closest_marker("cuda"):
                item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))


@pytest.fixture(autouse=True)
def _few_threads(monkeypatch):
    """Tests run side by side: one thread each is faster than all of them fighting for the cores."""
    torch.set_num_threads(1)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _no_tensor_float(monkeypatch):
    """Comparisons at 1e-5 on a GPU need all bits of single precision; convolutions drop 13 of them by default."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    torch.set_float32_matmul_precision("highest")


@pytest.fixture
def mnist_root() -> Path:
    """The folder of real MNIST; the test is skipped where there is none."""
    root = os.environ.get("ZOO_DATA")
    if not root or not (Path(root) / "MNIST").is_dir():
        pytest.skip("needs real MNIST: set ZOO_DATA")
    return Path(root)


@pytest.fixture
def usps_root(mnist_root: Path) -> Path:
    """The folder of real MNIST and USPS; the test is skipped where either is missing."""
    if not (mnist_root / "usps").is_dir():
        pytest.skip("needs real USPS: set ZOO_DATA")
    return mnist_root


@pytest.fixture
def people_root() -> Path:
    """The folder of the ORL faces and VIPeR; the test is skipped where either is missing."""
    root = Path(os.environ.get("ZOO_DATA", ""))
    if not all((root / name).is_dir() for name in ("orl_faces", "viper")):
        pytest.skip("needs the ORL faces and VIPeR: set ZOO_DATA")
    return root


@pytest.fixture
def in_tmp(tmp_path, monkeypatch) -> Path:
    """A working directory of the test's own, where runs/ goes."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def spoken_root() -> Path:
    """The folder of the spoken digits; the test is skipped where there is none."""
    root = os.environ.get("ZOO_DATA")
    if not root or not (Path(root) / "fsdd").is_dir():
        pytest.skip("needs the spoken digits: set ZOO_DATA")
    return Path(root)


@pytest.fixture
def texts_root() -> Path:
    """The folder of POJ-104 and tiny Shakespeare; the test is skipped where either is missing."""
    root = Path(os.environ.get("ZOO_DATA", ""))
    if not all((root / name).is_dir() for name in ("poj104", "tinyshakespeare")):
        pytest.skip("needs the real texts: set ZOO_DATA")
    return root


@pytest.fixture
def few_temperatures(monkeypatch):
    """A rough estimate of an RBM's partition function, in a hundredth of the time."""
    monkeypatch.setattr("zoo.recipes.kinds.density._TEMPERATURES", 100)
