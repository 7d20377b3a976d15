"""Which signals are obeyed, and how often they must be sent."""

import os
import signal

import pytest

from tests.recipes.helpers import run, short
from zoo.recipes.interruption import Interrupted, Signals
from zoo.tasks.board import ClassificationBoard


@pytest.fixture(autouse=True)
def old_handlers():
    """Every signal is handled as before when the test is over."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
    before = {number: signal.signal(number, signal.SIG_DFL) for number in numbers}  # the test run itself may ignore some
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    "pair",
    [(signal.SIGHUP, signal.SIGHUP), (signal.SIGTERM, signal.SIGHUP), (signal.SIGINT, signal.SIGTERM), (signal.SIGUSR1, signal.SIGUSR1)],
)
def test_a_second_signal_does_not_cut_the_save_short(pair, monkeypatch):
    monkeypatch.setattr("zoo.recipes.interruption.os._exit", lambda code: pytest.fail(f"left with code {code}"))
    with Signals() as signals:
        for number in pair:
            os.kill(os.getpid(), number)
    assert signals.received == pair[0]


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_control_c_after_a_signal_ends_the_process_at_once(first, monkeypatch):
    codes = []
    monkeypatch.setattr("zoo.recipes.interruption.os._exit", codes.append)
    with Signals():
        os.kill(os.getpid(), first)
        assert codes == []
        os.kill(os.getpid(), signal.SIGINT)
    assert codes == [130]


def test_what_was_to_be_ignored_is_still_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Signals() as signals:
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.received == signal.SIGTERM
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_what_listened_before_listens_again():
    noted = []
    signal.signal(signal.SIGTERM, lambda number, frame: noted.append(number))
    with Signals():
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    assert noted == [signal.SIGTERM]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_before_the_first_step_is_obeyed_there(number, tmp_path, monkeypatch):
    """Lightning's own handlers would leave with code 0 or 1, without a word."""
    monkeypatch.setattr(ClassificationBoard, "on_train_start", lambda *args: os.kill(os.getpid(), number))
    with pytest.raises(Interrupted) as stop:
        run(short("mlp-double-moon"), tmp_path / "run")
    assert stop.value.number == number
    assert not list(tmp_path.glob("run/checkpoints/*"))
    assert not (tmp_path / "run/metrics.json").exists()
