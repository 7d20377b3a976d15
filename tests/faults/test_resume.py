"""A run that was broken off anywhere ends as if it had not been."""

from dataclasses import replace

import pytest

from tests.faults.runs import difference, outcome, scalars
from tests.faults.small_recipes import small_recipe
from tests.recipes.helpers import run, short
from zoo.errors import ZooError
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

    patch.setattr("zoo.recipes.checkpoints.CheckpointKeeper.on_train_batch_start", cut)


def _cut_run(recipe, folder, *, step):
    """A run that ended in ``step`` without a word."""
    with pytest.MonkeyPatch.context() as patch:
        _cut_at(patch, step)
        with pytest.raises(Power):
            run(recipe, folder)


# The tests' shape checks draw from Python's generator, here within the run.
_IGNORE = {"Stopwatch", "final/seconds", "python"}


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_a_run_cut_within_an_epoch_goes_on_with_its_stopping_criteria(precision, tmp_path):
    recipe, step = _recipe("mlp-double-moon", patience=2, gradient_norm=1e-9, error_change=1e-9), 130
    recipe = replace(recipe, trainer=replace(recipe.trainer, precision=precision))
    run(recipe, tmp_path / "whole")
    _cut_run(recipe, tmp_path / "cut", step=step)
    checkpoint, complaint = find_checkpoint(tmp_path / "cut")
    assert complaint is None
    assert step - 7 <= saved_step(checkpoint) <= step
    run(read_recipe(tmp_path / "cut"), tmp_path / "cut", resume=checkpoint)
    assert difference(outcome(tmp_path / "whole"), outcome(tmp_path / "cut"), ignore=_IGNORE) is None


def test_a_run_whose_folder_was_moved_goes_on_with_its_best_epoch(tmp_path):
    recipe = _recipe("mlp-double-moon", patience=3)
    run(recipe, tmp_path / "whole")
    _cut_run(recipe, tmp_path / "cut", step=130)
    (tmp_path / "cut").rename(tmp_path / "moved")
    run(read_recipe(tmp_path / "moved"), tmp_path / "moved", resume=find_checkpoint(tmp_path / "moved")[0])
    assert not (tmp_path / "cut").exists()
    assert difference(outcome(tmp_path / "whole"), outcome(tmp_path / "moved"), ignore=_IGNORE) is None


def test_a_damaged_best_epoch_is_told_when_the_run_goes_on_and_not_at_its_end(tmp_path):
    recipe, folder = _recipe("mlp-double-moon", patience=3), tmp_path / "run"
    _cut_run(recipe, folder, step=130)
    checkpoint, _ = find_checkpoint(folder)
    best = folder / "checkpoints/best.ckpt"
    best.write_bytes(best.read_bytes()[:-1])
    with pytest.raises(ZooError, match=r"best\.ckpt"):
        run(recipe, folder, resume=checkpoint)
    assert find_checkpoint(folder) == (checkpoint, None)


# Step 50 is both shown and saved; 52 is an epoch's last of RBMs, whose validation looks at training data.
@pytest.mark.parametrize(("name", "cut", "saved"), [("lstm-copy", 52, 50), ("rbm-digits", 51, 50), ("rbm-digits", 52, 52)])
def test_what_a_step_tells_is_told_before_it_is_saved(name, cut, saved, tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.recipes.kinds.density._TEMPERATURES", 20)
    recipe = small_recipe(name)
    recipe = replace(recipe, trainer=replace(recipe.trainer, checkpoint_every=50, max_epochs=5))
    run(recipe, tmp_path / "whole")
    _cut_run(recipe, tmp_path / "cut", step=cut)
    checkpoint = find_checkpoint(tmp_path / "cut")[0]
    assert saved_step(checkpoint) == saved
    run(recipe, tmp_path / "cut", resume=checkpoint)
    shown = scalars(tmp_path / "whole")["train/loss" if name == "lstm-copy" else "train/hidden_activity"]
    assert saved - 1 in [step for step, _ in shown]
    assert difference(outcome(tmp_path / "whole"), outcome(tmp_path / "cut"), ignore=_IGNORE) is None
