"""Numbers that are none are caught before the optimiser takes them."""

import math

import pytest
import torch

from tests.recipes.helpers import run, short
from zoo.cli.common import run_command
from zoo.errors import RunError
from zoo.recipes.checkpoint_file import read_checkpoint
from zoo.recipes.checkpoints import generations
from zoo.tasks.board import ClassificationBoard

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


def test_a_run_error_ends_a_script_with_one_line_and_code_1(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["script"])

    def fail(args):
        raise RunError("the loss is infinite")

    with pytest.raises(SystemExit) as exit:
        run_command(fail)
    assert exit.value.code == 1
    assert capsys.readouterr().err == "error: the loss is infinite\n"
