"""Numbers that are none are caught before the optimiser takes them."""

import math

import pytest
import torch

from tests.recipes.helpers import run, short
from zoo.cli.common import run_command
from zoo.errors import RunError
from zoo.recipes.checkpoint_file import read_checkpoint
from zoo.recipes.checkpoints import generations
from zoo.recipes.durable import write_json
from zoo.tasks.board import ClassificationBoard
from zoo.tasks.finite_guard import FiniteGuard
from zoo.tasks.options import StoppingOptions

STEP = 50  # in the second epoch of 38 steps


def _spoil_data(trainer, module, batch):
    batch[0][0, 0] = math.nan


def _spoil_weights(trainer, module, batch):
    with torch.no_grad():
        next(module.model.parameters())[0] = math.inf


def _spoil_loss(trainer, module, batch):
    module.loss = lambda score, label: score.sum() * math.inf


def _spoil_gradient(trainer, module, batch):
    next(module.model.parameters()).register_hook(lambda gradient: gradient * math.nan)


@pytest.mark.parametrize(
    ("spoil", "quantity"),
    [(_spoil_data, "the input"), (_spoil_weights, "the loss"), (_spoil_loss, "the loss"), (_spoil_gradient, "the gradient")],
)
@pytest.mark.parametrize("name", ["mlp-digits", "lenet5-digits"])
def test_the_step_with_a_number_that_is_none_is_not_taken(name, spoil, quantity, tmp_path, monkeypatch, report):
    def plant(self, trainer, module, batch, index):
        if trainer.global_step == STEP:
            spoil(trainer, module, batch)

    monkeypatch.setattr(ClassificationBoard, "on_train_batch_start", plant, raising=False)
    steps = []
    monkeypatch.setattr(ClassificationBoard, "on_train_batch_end", lambda self, trainer, *args: steps.append(trainer.global_step))
    with pytest.raises(RunError, match=rf"{quantity} is (not a number|infinite) in step {STEP + 1} \(epoch 2, batch {STEP - 38 + 1}\)"):
        run(short(name, epochs=3), tmp_path / "run")
    assert steps[-1] == STEP
    saved = read_checkpoint(generations(tmp_path / "run")[0])
    assert saved["global_step"] == 38
    assert all(value.isfinite().all() for value in saved["state_dict"].values())
    report.add(
        f"{spoil.__name__.removeprefix('_spoil_')} of {name} made infinite or not a number",
        count=1,
        result=f"{quantity}: caught before that very step was taken",
    )


@pytest.mark.parametrize("patience", [0, 3])
def test_a_validation_that_is_no_number_ends_the_run(patience, tmp_path, monkeypatch):
    """Lightning's early stopping would end it without a word, as if all were well."""

    def spoil(self, trainer, module):
        if trainer.current_epoch == 1:
            trainer.val_dataloaders.x[0] = math.nan

    monkeypatch.setattr(FiniteGuard, "on_validation_start", spoil)
    with pytest.raises(RunError, match="val/loss is not a number after step"):
        run(short("mlp-double-moon", epochs=4, stopping=StoppingOptions(patience=patience)), tmp_path / "run")
    assert not (tmp_path / "run/metrics.json").exists()


def test_a_final_figure_that_is_no_number_is_not_written(tmp_path):
    with pytest.raises(RunError, match="since test/loss is infinite or not a number"):
        write_json(tmp_path / "metrics.json", {"test/loss": float("nan"), "test/error": 0.1})
    assert list(tmp_path.iterdir()) == []


def test_a_run_error_ends_a_script_with_one_line_and_code_1(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["script"])

    def fail(args):
        raise RunError("the loss is infinite")

    with pytest.raises(SystemExit) as exit:
        run_command(fail)
    assert exit.value.code == 1
    assert capsys.readouterr().err == "error: the loss is infinite\n"
