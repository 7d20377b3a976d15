"""A localiser's run: figures of its boxes, pictures, and the same figures from its released weights."""

from dataclasses import replace

import pytest

from tests.recipes.helpers import run, short
from zoo.data import cluttered_data
from zoo.recipes.kinds import kind_named
from zoo.recipes.kinds.contract import Kind
from zoo.recipes.options import EvaluateOptions
from zoo.registry import load_trained


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of two steps with few held-out pictures, which stay few while it is evaluated."""
    recipe = short("gap-net-digits")
    recipe = replace(recipe, trainer=replace(recipe.trainer, max_steps=2), data=replace(recipe.data, batch_size=8))
    folder = tmp_path_factory.mktemp("localization") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluttered_data, "TEST_PICTURES", 20)
        patch.setattr(cluttered_data, "VALIDATION_PICTURES", 10)
        yield folder, run(recipe, folder)[0]


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
