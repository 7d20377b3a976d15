"""Weights that a step itself has made infinite are not saved."""

import math

import pytest
import torch

from tests.recipes.helpers import run, short
from zoo.errors import RunError
from zoo.recipes.checkpoint_file import read_checkpoint
from zoo.recipes.checkpoints import generations
from zoo.tasks.stopwatch import Stopwatch


def _spoil_weights(trainer, module):
    with torch.no_grad():
        next(module.model.parameters())[0] = math.inf


def _spoil_optimizer(trainer, module):
    next(iter(trainer.optimizers[0].state.values()))["exp_avg_sq"][0] = math.nan


@pytest.mark.parametrize("spoil", [_spoil_weights, _spoil_optimizer])
@pytest.mark.parametrize("step", [38, 76])
def test_what_the_last_step_before_a_save_made_infinite_is_not_saved(step, spoil, tmp_path, monkeypatch):
    """Step 38 ends the first epoch, 76 the run."""

    def plant(self, trainer, module, *args):
        if trainer.global_step == step:
            spoil(trainer, module)

    monkeypatch.setattr(Stopwatch, "on_train_batch_end", plant)
    with pytest.raises(RunError, match=rf"not a number after step {step}; (it|the epoch) was not saved"):
        run(short("mlp-digits", epochs=2), tmp_path / "run")
    assert not (tmp_path / "run/model.safetensors").exists()
    saved = [read_checkpoint(path)["global_step"] for path in generations(tmp_path / "run")]
    assert saved == ([38] if step == 76 else [])
