"""A localiser's run: figures of its boxes, pictures, and the same figures from its released weights."""

from dataclasses import replace

import pytest

from tests.recipes.helpers import run, short
from zoo.data import cluttered_data
from zoo.recipes.kinds import kind_named
from zoo.recipes.kinds.contract import Kind
from zoo.recipes.options import EvaluateOptions
from zoo.registry import load_trained


@pytest.fixture
def few(monkeypatch):
    """Held-out splits that are measured at once."""
    monkeypatch.setattr(cluttered_data, "TEST_PICTURES", 20)
    monkeypatch.setattr(cluttered_data, "VALIDATION_PICTURES", 10)


@pytest.fixture
def trained(few, tmp_path):
    recipe = short("gap-net-digits")
    recipe = replace(recipe, trainer=replace(recipe.trainer, max_steps=2), data=replace(recipe.data, batch_size=8))
    return tmp_path / "run", run(recipe, tmp_path / "run")[0]


def test_the_kind_is_one():
    assert isinstance(kind_named("localization"), Kind)


def test_a_run_measures_boxes_and_released_weights_repeat_every_figure(trained, tmp_path):
    folder, metrics = trained
    kind = kind_named("localization")
    for measure in kind.measures:
        assert measure.metric in metrics
    report = kind.evaluate(load_trained(str(folder)), EvaluateOptions(pictures=tmp_path))
    assert {name: metrics[name] for name in report.figures} == report.figures
    assert any("localisation error" in line for line in report.lines)
    assert {"maps", "occlusion", "confusion_matrix"} <= set(report.pictures)
    assert (folder / "pictures/maps.png").is_file()


def test_the_card_tells_how_boxes_come_about(trained):
    meta = load_trained(str(trained[0])).meta
    kind = kind_named(meta.kind)
    assert "20 % of its maximum" in kind.notes(meta)
    assert "class_activation_map(model" in kind.usage(meta)
    assert meta.data["scene"]["pieces"] == 4
