"""explain.py on models trained with center loss."""

from dataclasses import replace

import pytest
from PIL import Image

from tests.recipes.helpers import run, short
from zoo.cli import explain
from zoo.errors import ZooError


def _train(folder, *, unseen=0, num_features=2):
    recipe = short("center-loss-digits")
    trainer = replace(recipe.trainer, max_steps=1)
    model = replace(recipe.model, widths=(2, 2), num_features=num_features)
    run(replace(recipe, trainer=trainer, model=model, data=replace(recipe.data, unseen=unseen)), folder)
    return str(folder)


def test_one_model_is_drawn_or_several_side_by_side(in_tmp, capsys):
    first, second = _train(in_tmp / "a"), _train(in_tmp / "b")
    explain.main([first, "--out", "one.png"])
    explain.main([first, second, "--out", "new/two.png"])
    assert capsys.readouterr().out.split() == ["picture", "one.png", "picture", "new/two.png"]
    with Image.open("one.png") as one, Image.open("new/two.png") as two:
        assert two.width > 1.5 * one.width
        assert two.height == one.height


def test_what_cannot_be_drawn_is_refused(in_tmp):
    first, fewer, deeper = _train(in_tmp / "a"), _train(in_tmp / "b", unseen=3), _train(in_tmp / "c", num_features=3)
    with pytest.raises(ZooError, match="b tells other classes apart than the first model"):
        explain.main([first, fewer])
    with pytest.raises(ZooError, match="c has 3 features; only two can be drawn"):
        explain.main([first, deeper])
    with pytest.raises(ZooError, match=r"lenet5\.digits_v1 was not trained with center loss"):
        explain.main([first, "lenet5.digits_v1"])
    with pytest.raises(ZooError, match=r"--out plane\.pdf: drawings are PNG files"):
        explain.main([first, "--out", "plane.pdf"])
