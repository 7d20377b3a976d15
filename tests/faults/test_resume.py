"""A run that was broken off anywhere ends as if it had not been."""

from dataclasses import replace

import pytest

from tests.faults.runs import difference, outcome
from tests.recipes.helpers import run, short
from zoo.recipes.checkpoints import find_checkpoint, saved_step
from zoo.recipes.record import read_recipe
from zoo.tasks.options import StoppingOptions


class Power(BaseException):
    """The cut."""


def _recipe(name, **stopping):
    recipe = short(name, epochs=3, stopping=StoppingOptions(**stopping))
    return replace(recipe, trainer=replace(recipe.trainer, checkpoint_every=7))


def _cut_at(patch, step):
    def cut(self, trainer, module, *args):
        if trainer.global_step == step:
            raise Power

    patch.setattr("zoo.tasks.board.ClassificationBoard.on_train_batch_start", cut)


@pytest.mark.parametrize("step", [130])
def test_a_run_cut_within_an_epoch_goes_on_with_its_stopping_criteria(step, tmp_path):
    recipe = _recipe("mlp-double-moon", patience=2, gradient_norm=1e-9, error_change=1e-9)
    run(recipe, tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        _cut_at(patch, step)
        with pytest.raises(Power):
            run(recipe, tmp_path / "cut")
    checkpoint, complaint = find_checkpoint(tmp_path / "cut")
    assert complaint is None
    assert step - 7 <= saved_step(checkpoint) <= step
    run(read_recipe(tmp_path / "cut"), tmp_path / "cut", resume=checkpoint)
    # The tests' shape checks draw from Python's generator, here within the run.
    ignore = {"Stopwatch", "final/seconds", "python"}
    assert difference(outcome(tmp_path / "whole"), outcome(tmp_path / "cut"), ignore=ignore) is None
