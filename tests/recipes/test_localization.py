"""A localiser's run: figures of its boxes, pictures, and the same figures from its released weights."""

from dataclasses import replace

import pytest
import torch

from tests.recipes.helpers import run, short
from zoo.data import cluttered_data
from zoo.data.located import Located
from zoo.layers.input_transform import InputTransform
from zoo.models.gap_net import GapNet
from zoo.recipes.kinds import kind_named, localization
from zoo.recipes.kinds.contract import Kind
from zoo.recipes.localization_report import draw_localization
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


def test_nothing_is_drawn_that_nobody_asked_for(trained, monkeypatch):
    for name in ("draw_pictures", "draw_localization"):
        monkeypatch.setattr(localization, name, lambda *args: pytest.fail("it was drawn"))
    assert not kind_named("localization").evaluate(load_trained(str(trained[0])), EvaluateOptions()).pictures


def test_measuring_leaves_the_mode_of_the_model():
    torch.manual_seed(0)
    test = Located(torch.rand(3, 1, 16, 16), torch.arange(3), torch.tensor([[0, 0, 16, 16]]).expand(3, 4))
    model, transform = GapNet().train(), InputTransform(size=16, content=16)
    found = localization._measure(model, None, test, transform, loss="cross-entropy")
    draw_localization(model, test, found.boxes, found.curves, transform)
    assert model.training
    assert localization._measure(model.eval(), None, test, transform, loss="cross-entropy").figures == found.figures


def test_the_card_tells_how_boxes_come_about(trained):
    meta = load_trained(str(trained[0])).meta
    kind = kind_named(meta.kind)
    assert "20 % of its maximum" in kind.notes(meta)
    assert "first 200 test pictures" in kind.notes(meta)
    assert "map: B x 10 x rows x columns" in kind.usage(meta)
    assert sum("(first 200" in measure.title for measure in kind.measures) == 5
    assert meta.data["scene"]["pieces"] == 4
