import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.recipes.helpers import run, short
from zoo.data.completion import draw_gapped
from zoo.errors import ZooError
from zoo.estimators import SelfExpressiveCompletion
from zoo.metrics.subspaces import completion_error
from zoo.recipes.kinds import kind_named
from zoo.recipes.kinds.contract import Kind
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.preparation import prepare
from zoo.registry import load_trained

_CHANGES = {"subspaces": 8, "rank": 3, "dimensions": 24, "points": 15, "missing": 0.15}


def _small():
    recipe = short("semc-synthetic", steps=60)
    return replace(recipe, data=replace(recipe.data, **_CHANGES))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.recipes.kinds.completion._SHARES", (0.15, 0.3))
        return folder, *run(_small(), folder)


def test_the_kind_keeps_its_contract():
    assert isinstance(kind_named("completion"), Kind)


def test_what_a_low_rank_cannot_complete_is_completed_and_clustered(finished):
    _, metrics, _ = finished
    assert metrics["test/completion_error"] < 0.05
    assert metrics["test/clustering_error"] == 0
    assert metrics["nuclear-norm/completion_error"] > 0.15


def test_a_run_comes_to_what_the_estimator_does_bit_for_bit(finished):
    recipe, (_, metrics, model) = _small(), finished
    gapped = draw_gapped(recipe.data, seed=recipe.seed)
    estimator = SelfExpressiveCompletion(path=(recipe.task.first, recipe.task.last), steps=recipe.task.steps)
    estimator.fit(gapped.points, observed=gapped.observed)
    assert estimator.convergence_.objective == metrics["train/objective"]
    assert np.array_equal(estimator.coef_ == 0, model.coefficient.detach().numpy() == 0)
    completed = torch.from_numpy(estimator.completed_)
    assert completion_error(completed, gapped.points, ~gapped.observed) == metrics["test/completion_error"]


def test_a_run_is_evaluated_to_its_own_figures(finished, monkeypatch):
    folder, metrics, _ = finished
    monkeypatch.setattr("zoo.recipes.kinds.completion._SHARES", (0.15, 0.3))
    report = kind_named("completion").evaluate(load_trained(str(folder)), EvaluateOptions())
    assert report.figures == {name: metrics[name] for name in report.figures}
    assert len(report.lines) == 4  # two titles, and a row a share
    assert list(report.pictures) == ["errors"]


def test_tensorboard_shows_every_step_of_the_path_and_the_picture(finished):
    scalars, images = {}, set()
    for file in finished[0].glob("events*"):
        events = EventAccumulator(str(file)).Reload()
        scalars |= {tag: events.Scalars(tag) for tag in events.Tags()["scalars"]}
        images |= set(events.Tags()["images"])
    for name in ("objective", "residual", "penalty"):
        assert [event.step for event in scalars[f"train/{name}"]] == list(range(60))
        assert all(math.isfinite(event.value) for event in scalars[f"train/{name}"])
    assert "final/test/completion_error" in scalars
    assert images == {"test/errors"}
    assert (finished[0] / "pictures/errors.png").is_file()


def test_several_devices_are_refused():
    recipe = _small()
    with pytest.raises(ZooError, match=r"--trainer\.devices 2: a completion runs on one"):
        prepare(replace(recipe, trainer=replace(recipe.trainer, devices=2)))


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"last": 0.5}, {"last": 0.0}])
def test_a_path_that_does_not_fall_is_refused(wrong):
    with pytest.raises(ZooError, match="--task"):
        short("semc-synthetic", **wrong)


def test_a_share_that_leaves_points_without_any_entry_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.recipes.kinds.completion._SHARES", (0.1, 0.99))
    recipe = short("semc-synthetic", steps=2)
    tiny = replace(recipe.data, subspaces=2, rank=2, dimensions=8, points=10, missing=0.15)
    metrics, _ = run(replace(recipe, data=tiny), tmp_path / "run")
    shares = {name.split("/")[0] for name in metrics if name.startswith("missing-")}
    assert shares == {"missing-10", "missing-15"}
