"""The learned optimiser from training to the race."""

import json
import os
import signal
from dataclasses import replace

import pytest
import torch
from torch import nn

from tests.recipes.helpers import run
from zoo.cli import evaluate
from zoo.optim.learned import LearnedOptimizer
from zoo.recipes.checkpoints import find_checkpoint
from zoo.recipes.interruption import Interrupted
from zoo.recipes.meta_report import LEARNED, _figures, _Outcome
from zoo.recipes.preparation import prepare
from zoo.recipes.registry import all_recipes
from zoo.tasks.meta_options import MetaOptions
from zoo.tasks.meta_training import MetaTraining


@pytest.fixture(autouse=True, scope="module")
def _no_tuning():
    """Tuning takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.recipes.meta_report.tuned", lambda name, family, problems, *, steps: 0.01)
        yield


def _recipe(name="l2l-quadratic", **data):
    recipe = all_recipes()[name].make()
    return replace(
        recipe,
        data=replace(recipe.data, **{"batch_size": 4, "steps": 6, "length": 4, "validation": 4} | data),
        task=replace(recipe.task, unroll=2),
        trainer=replace(recipe.trainer, max_epochs=2, progress_bar=False, accelerator="cpu"),
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return folder, *run(_recipe(), folder)


def test_a_run_measures_the_race_on_its_own_problems_and_on_others(finished):
    folder, metrics, _ = finished
    for name in ("base", "quadratic-uniform", "logistic", "rosenbrock"):
        for double in ("", "_double"):
            mark = f"test/{name}{double}"
            assert metrics[f"{mark}_low"] <= metrics[mark] <= metrics[f"{mark}_high"]
            assert metrics[f"{mark}_ratio"] == pytest.approx(metrics[f"{mark}_best"] / metrics[mark])
            assert (f"{mark}_chebyshev" in metrics) == (name in ("base", "quadratic-uniform"))
            assert (folder / f"pictures/curves_{name}{double}.png").is_file()
    assert metrics["val/loss"] > 0


def test_evaluation_repeats_the_runs_figures_exactly(finished, tmp_path, capsys):
    folder, metrics, _ = finished
    evaluate.main([str(folder), "--no-transfers", "--json", str(tmp_path / "a.json")])
    figures = json.loads((tmp_path / "a.json").read_text())
    assert set(figures) == {name for name in metrics if name.startswith("test/base")}
    assert all(figures[name] == metrics[name] for name in figures)
    printed = capsys.readouterr().out
    assert "Haykin, annealed" in printed
    assert printed.count("the learned one gains") == 2 * 6  # at both lengths, on each that is made by hand


def test_it_is_measured_alone_where_no_rivals_are_asked_for(finished, capsys, tmp_path):
    folder, metrics, _ = finished
    evaluate.main([str(folder), "--no-transfers", "--no-rivals", "--json", str(tmp_path / "a.json")])
    figures = json.loads((tmp_path / "a.json").read_text())
    assert figures["test/base"] == metrics["test/base"]
    assert not any("best" in name or "gain" in name for name in figures)
    assert "Adam" not in capsys.readouterr().out


def test_a_runs_folder_is_an_optimizer(finished):
    folder, _, model = finished
    parameters = [nn.Parameter(torch.ones(3)) for _ in range(2)]
    for parameter, weights in zip(parameters, (folder, model), strict=True):
        optimizer = LearnedOptimizer([parameter], weights)
        parameter.grad = torch.linspace(-1, 1, 3)
        optimizer.step()
    assert torch.equal(*parameters)


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(finished, tmp_path, monkeypatch):
    _, metrics, model = finished
    steps, step = [], MetaTraining.training_step

    def stopping(self, batch, index):
        steps.append(index)
        if len(steps) == 9:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(self, batch, index)

    with monkeypatch.context() as patch:
        patch.setattr(MetaTraining, "training_step", stopping)
        with pytest.raises(Interrupted):
            run(_recipe(), tmp_path / "run")
    again, resumed = run(_recipe(), tmp_path / "run", resume=find_checkpoint(tmp_path / "run")[0])
    assert {**again, "seconds": 0} == {**metrics, "seconds": 0}
    assert all(torch.equal(a, b) for a, b in zip(resumed.parameters(), model.parameters(), strict=True))


def test_a_network_on_pictures_is_raced_in_other_shapes_too(tmp_path):
    metrics, _ = run(_recipe("l2l-digits", batch_size=1, steps=1, validation=1, spread=1.0), tmp_path / "run")
    for name in ("base", "units_40", "two_layers", "relu", "other_data"):
        assert f"test/{name}_double_gain_low" in metrics


def test_several_devices_are_refused():
    recipe = _recipe()
    with pytest.raises(ValueError, match="an optimiser learns on one device"):
        prepare(replace(recipe, trainer=replace(recipe.trainer, devices=2)))


def test_a_gain_is_what_the_best_hand_made_optimiser_has_left():
    learned, best, worse = (torch.full((20,), loss) for loss in (1.0, 3.0, 9.0))
    outcome = _Outcome({}, {LEARNED: learned, "Adam": best, "SGD": worse}, {"Adam": 0.1, "SGD": 0.1}, None)
    figures = _figures(outcome, "base")
    assert figures["test/base_gain"] == figures["test/base_gain_low"] == 2
    assert figures["test/base_best"] == figures["test/base_ratio"] == 3


def test_a_run_may_end_without_a_race(tmp_path):
    recipe = _recipe(steps=1)
    metrics, _ = run(replace(recipe, task=replace(recipe.task, race_seeds=0)), tmp_path / "run")
    assert metrics["val/loss"] > 0
    assert not any(name.startswith("test/") for name in metrics)


def test_one_seed_is_no_race():
    with pytest.raises(ValueError, match=r"one seed has no interval"):
        MetaOptions(race_seeds=1)
