import json
from dataclasses import asdict, replace

import pytest

from zoo.benchmarks.variants import compare_variants
from zoo.errors import ZooError
from zoo.recipes.registry import all_recipes

RECIPE = "center-loss-digits"


def _run(folder, name, *, seed, weight=None, unseen=0, **figures):
    """A finished run's records."""
    recipe = replace(all_recipes()[RECIPE].make(), seed=seed)
    recipe = replace(recipe, data=replace(recipe.data, unseen=unseen))
    if weight is not None:
        recipe = replace(recipe, task=replace(recipe.task, weight=weight))
    run = folder / name
    run.mkdir()
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), default=str))
    (run / "metrics.json").write_text(json.dumps({f"test/{figure}": value for figure, value in figures.items()}))


def test_runs_are_paired_by_seed_and_by_all_other_options(tmp_path):
    for seed, eer in enumerate([0.1, 0.2, 0.4]):
        _run(tmp_path, f"with-{seed}", seed=seed, eer=eer)
        _run(tmp_path, f"without-{seed}", seed=seed, weight=0.0, eer=eer + 0.2)
        _run(tmp_path, f"open-{seed}", seed=seed, unseen=3, eer=0.5)
        _run(tmp_path, f"open-without-{seed}", seed=seed, unseen=3, weight=0.0, eer=0.25)
    _run(tmp_path, "alone", seed=7, weight=0.0, eer=0.9)
    (tmp_path / "begun").mkdir()
    found = compare_variants(RECIPE, "--task.weight", runs=tmp_path)
    assert sorted(found) == ["data.unseen 3, task.weight 0.1 against 0.0", "task.weight 0.1 against 0.0"]
    eer = found["task.weight 0.1 against 0.0"]["equal error rate of pairs, %"]
    assert eer["median of the recipe"] == pytest.approx(20)
    assert eer["median of the other"] == pytest.approx(40)
    assert eer["other over recipe"] == pytest.approx(2)
    assert [eer[name] for name in ("mean difference", "95 % interval from", "95 % interval to")] == pytest.approx([-20] * 3)
    assert eer["seeds"] == 3
    assert found["data.unseen 3, task.weight 0.1 against 0.0"]["equal error rate of pairs, %"]["mean difference"] == pytest.approx(25)


def test_a_figure_that_a_run_lacks_is_not_compared(tmp_path):
    for seed in range(2):
        _run(tmp_path, f"with-{seed}", seed=seed, eer=0.1, auc=0.9)
        _run(tmp_path, f"without-{seed}", seed=seed, weight=0.0, eer=0.2)
    (figures,) = compare_variants(RECIPE, "task.weight", runs=tmp_path).values()
    assert list(figures) == ["equal error rate of pairs, %"]


def test_what_cannot_be_compared_is_refused(tmp_path):
    with pytest.raises(ZooError, match=r"no recipe 'center-loss-digit'.*center-loss-digits"):
        compare_variants("center-loss-digit", "task.weight", runs=tmp_path)
    with pytest.raises(ZooError, match=r"no option 'task.wait'.*task.weight"):
        compare_variants(RECIPE, "task.wait", runs=tmp_path)
    _run(tmp_path, "with", seed=0, eer=0.1)
    _run(tmp_path, "without", seed=0, weight=0.0, eer=0.2)
    with pytest.raises(ZooError, match=r"differ in task.weight alone and have two seeds in common"):
        compare_variants(RECIPE, "task.weight", runs=tmp_path)
    _run(tmp_path, "again", seed=0, eer=0.1)
    with pytest.raises(ZooError, match="with: another run beside it has the same options and seed 0"):
        compare_variants(RECIPE, "task.weight", runs=tmp_path)
