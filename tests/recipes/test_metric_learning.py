"""Recipes of metric learning for a few steps, and their weights measured again."""

from dataclasses import replace

import pytest
import torch

from tests.recipes.helpers import run, short
from zoo.errors import ZooError
from zoo.recipes.kinds import kind_named
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.registry import all_recipes
from zoo.registry import load_trained
from zoo.tasks.similarity import pair_loss

PAIRS = {"test/eer", "test/auc", "test/tar_at_far_0.01", "test/recall_at_1", "test/recall_at_20", "test/map", "test/pair_accuracy"}


def _quick(name):
    recipe = short(name)
    trainer = replace(recipe.trainer, max_steps=2)
    model = replace(recipe.model, widths=(4, 8)) if hasattr(recipe.model, "widths") else recipe.model
    return replace(recipe, trainer=trainer, model=model)


def _again(folder):
    trained = load_trained(str(folder))
    return kind_named(trained.meta.kind).evaluate(trained, EvaluateOptions())


@pytest.mark.parametrize("name", ["center-loss-digits", "generalized-similarity-digits"])
def test_released_weights_give_the_figures_of_the_run(name, in_tmp):
    metrics, _ = run(_quick(name), in_tmp / "run")
    report = _again(in_tmp / "run")
    assert set(report.figures) > PAIRS
    for figure, value in report.figures.items():
        assert metrics[figure] == value, figure
    assert {"roc", "cmc"} <= set(report.pictures)
    assert any("equal error rate" in line for line in report.lines)


@pytest.mark.parametrize("name", ["center-loss-digits", "generalized-similarity-digits"])
def test_mixed_precision_trains(name, in_tmp):
    recipe = _quick(name)
    metrics, _ = run(replace(recipe, trainer=replace(recipe.trainer, precision="bf16-mixed")), in_tmp / "run")
    assert set(metrics) > PAIRS


def test_open_set_digits_are_verified_on_what_training_never_saw(in_tmp):
    recipe = _quick("center-loss-digits")
    metrics, _ = run(replace(recipe, data=replace(recipe.data, unseen=3)), in_tmp / "run")
    trained = load_trained(str(in_tmp / "run"))
    assert len(trained.meta.labels) == 7
    assert len(trained.meta.data["unseen"]) == 3
    assert _again(in_tmp / "run").figures["test/eer"] == metrics["test/eer"]


def test_two_features_are_drawn_in_the_plane(in_tmp):
    run(_quick("center-loss-digits"), in_tmp / "run")
    assert (in_tmp / "run/pictures/features.png").is_file()


def test_batches_that_cannot_be_shared_out_are_refused():
    for name in ("center-loss-digits", "generalized-similarity-digits"):
        recipe = all_recipes()[name].make()
        with pytest.raises(ZooError, match="must be a multiple of"):
            kind_named(recipe.kind).prepare(replace(recipe, trainer=replace(recipe.trainer, devices=5)))


@pytest.mark.parametrize(("batch_size", "devices"), [(173, 1), (2, 2)])
def test_a_batch_size_that_leaves_one_thing_alone_is_refused_before_the_training(batch_size, devices):
    recipe = all_recipes()["generalized-similarity-digits"].make()
    recipe = replace(recipe, data=replace(recipe.data, batch_size=batch_size), trainer=replace(recipe.trainer, devices=devices))
    with pytest.raises(ZooError, match=f"--data.batch-size {batch_size}: 1,212 things leave one alone in the last batch"):
        kind_named(recipe.kind).prepare(recipe)


def test_the_papers_update_takes_no_more_than_the_whole_way():
    task = all_recipes()["center-loss-digits"].make().task
    assert replace(task, center_rate=1.0).center_rate == 1
    assert replace(task, center_rate=1.5, update="gradient").center_rate == 1.5
    with pytest.raises(ZooError, match=r"--task.center-rate 1.5: the paper's update takes a share of the way, at most 1"):
        replace(task, center_rate=1.5)


def test_a_measure_may_start_from_the_pairs_that_it_learns_from():
    recipe = all_recipes()["generalized-similarity-digits"].make()
    kind = kind_named(recipe.kind)
    started = replace(recipe, task=replace(recipe.task, start="likelihood-ratio"))
    job = kind.prepare(started)
    measure = job.model.measure
    assert torch.equal(measure.a, measure.c_y)
    losses = []
    for network in (job.model, kind.prepare(recipe).model):
        x, y, label = next(iter(job.data.train_dataloader()))
        losses.append(pair_loss(network.table(x, y), label[:, None] == label).item())
    assert losses[0] < losses[1]
    with pytest.raises(ZooError, match="only the generalized measure can start there"):
        kind.prepare(replace(started, model=replace(recipe.model, measure="cosine")))


def test_only_things_that_belong_together_one_by_one_are_such_pairs(usps_root):
    recipe = all_recipes()["generalized-similarity-mnist-usps"].make()
    with pytest.raises(ZooError, match="wants domains whose things belong together one by one"):
        kind_named(recipe.kind).prepare(replace(recipe, task=replace(recipe.task, start="likelihood-ratio")))
