import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import zoo
from tests.data.idx_files import idx_bytes
from tests.recipes.helpers import run, short
from zoo.data.mnist import load_mnist
from zoo.data.module import evaluation_batches, read_test_split
from zoo.functions.losses import cross_entropy
from zoo.metrics.classification import evaluate
from zoo.recipes.checkpoints import find_checkpoint
from zoo.recipes.comparison import flat
from zoo.recipes.kinds import kind_named
from zoo.recipes.record import read_recipe
from zoo.recipes.registry import all_recipes, register_recipe
from zoo.recipes.run_folder import create_run_folder

GOLDEN = Path(__file__).parent.parent / "golden" / "losses.json"


def _state(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return folder, *run(short("lenet5-digits", epochs=2), folder)


def test_two_runs_with_one_seed_are_bit_identical(finished, tmp_path):
    _, metrics, model = finished
    again, same = run(short("lenet5-digits", epochs=2), tmp_path / "run")
    assert torch.equal(_state(model), _state(same))
    assert {**metrics, "seconds": 0} == {**again, "seconds": 0}


def test_another_seed_gives_another_model(finished, tmp_path):
    _, other = run(short("lenet5-digits", epochs=2, seed=1), tmp_path / "run")
    assert not torch.equal(_state(finished[2]), _state(other))


def test_a_resumed_run_ends_where_the_unbroken_one_does(tmp_path):
    """Dropout on: the random state goes on as well."""
    whole, model = run(short("mlp-digits", epochs=3), tmp_path / "whole")

    class Power(BaseException):
        pass

    def fail(trainer, module):
        if trainer.current_epoch == 2:
            raise Power

    recipe = short("mlp-digits", epochs=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.tasks.board.ClassificationBoard.on_train_epoch_start", lambda self, trainer, module: fail(trainer, module))
        with pytest.raises(Power):
            run(recipe, tmp_path / "broken")
    resumed, same = run(read_recipe(tmp_path / "broken"), tmp_path / "broken", resume=find_checkpoint(tmp_path / "broken")[0])
    assert torch.equal(_state(model), _state(same))
    assert whole["test/loss"] == resumed["test/loss"]
    record = json.loads((tmp_path / "broken/environment.json").read_text())
    assert record["started"] <= record["resumed"][0]["started"]


def test_two_processes_share_a_run_and_come_to_what_one_does(tmp_path):
    """As on two GPUs: one folder, one announcement, figures over all samples, of which the two validate 251 and 250."""
    flags = ["--data.validation", "0.372", "--trainer.devices", "2", "--trainer.accelerator", "cpu", "--trainer.max-epochs", "2"]
    command = [sys.executable, "scripts/train.py", "lenet5-digits", "--run", str(tmp_path / "run"), *flags, "--trainer.no-progress-bar"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2], timeout=240)
    assert done.stdout.count("trainable parameters") == 1
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    recipe = short("lenet5-digits", epochs=2)
    recipe = replace(recipe, data=replace(recipe.data, validation=0.372))
    again = evaluate(zoo.get_model(str(tmp_path / "run")), evaluation_batches(read_test_split(recipe.data)[0]), cross_entropy)
    assert metrics["test/error"] == again.error
    alone, _ = run(recipe, tmp_path / "alone")
    assert alone.keys() == metrics.keys()
    for figure in alone.keys() - {"seconds"}:
        assert metrics[figure] == pytest.approx(alone[figure], rel=1e-4), figure


def test_a_run_folder_holds_everything(finished):
    folder = finished[0]
    names = {path.name for path in folder.iterdir()}
    assert {"recipe.json", "environment.json", "metrics.json", "config.json", "model.safetensors", "checkpoints", "pictures"} <= names
    assert json.loads((folder / "environment.json").read_text())["packages"]["torch"] == torch.__version__.split("+")[0]


@pytest.mark.parametrize(("fast", "used"), [(True, "bf16-mixed"), (False, "32-true")])
def test_a_processor_without_fast_bfloat16_computes_in_single_precision(fast, used, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: fast)
    recipe = short("mlp-digits")
    run(replace(recipe, trainer=replace(recipe.trainer, precision="bf16-mixed", max_steps=1)), tmp_path / "run")
    assert json.loads((tmp_path / "run/environment.json").read_text())["precision"] == used
    assert ("no fast bfloat16" in capsys.readouterr().out) is not fast


@pytest.mark.parametrize(("fast", "used"), [(True, "medium"), (False, "highest")])
def test_a_run_records_how_precisely_it_multiplied(fast, used, tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.functions.products.has_bfloat16", lambda: fast)
    recipe = short("mlp-digits")
    run(replace(recipe, trainer=replace(recipe.trainer, matmul="medium", max_steps=1)), tmp_path / "run")
    assert json.loads((tmp_path / "run/environment.json").read_text())["matmul"] == used


def test_a_folder_whose_name_is_no_text_stands_among_the_hyperparameters(tmp_path):
    recipe, folder = short("mlp-digits"), Path(os.fsdecode(b"/of\xff"))
    run(replace(recipe, run=folder, trainer=replace(recipe.trainer, max_steps=1)), tmp_path / "run")
    assert flat({"run": folder}) == {"run": "/of\\udcff"}


def test_the_recipe_comes_back_from_its_record(finished):
    assert read_recipe(finished[0]) == short("lenet5-digits", epochs=2)


def test_a_run_loads_like_a_release_and_scores_the_same(finished):
    folder, metrics, model = finished
    loaded = zoo.get_model(str(folder))
    x = torch.randn(3, 1, 32, 32)
    assert torch.equal(loaded(x), model.eval()(x))
    assert loaded.meta.metrics["test/error"] == metrics["test/error"]


def test_tensorboard_has_scalars_pictures_histograms_and_the_graph(finished):
    tags = {"scalars": set(), "images": set(), "histograms": set(), "graph": False}
    for file in finished[0].glob("events*"):
        events = EventAccumulator(str(file), size_guidance={"tensors": 0}).Reload().Tags()
        tags["graph"] |= events["graph"]
        for kind in ("scalars", "images", "histograms"):
            tags[kind] |= set(events[kind])
    assert {"train/loss_step", "train/loss_epoch", "val/loss", "val/error", "train/gradient_norm", "lr-AdamW", "final/test/error"} <= tags[
        "scalars"
    ]
    assert {"filters/first_layer", "val/confusion", "test/worst_mistakes"} <= tags["images"]
    assert "weights/features.c1.weight" in tags["histograms"]
    assert tags["graph"]


_RECIPES = {name: entry.make() for name, entry in all_recipes().items()}
_EMBEDDED = [name for name, recipe in _RECIPES.items() if not hasattr(recipe.data, "root") or recipe.data.kind == "digits"]


def _two_steps(name, folder, **data):
    recipe = short(name, epochs=10, **({"race_seeds": 2} if _RECIPES[name].kind == "meta_learning" else {}))
    recipe = replace(recipe, trainer=replace(recipe.trainer, max_steps=2), data=replace(recipe.data, **data))
    metrics, _ = run(recipe, folder)
    headline, *others = (measure.metric for measure in kind_named(recipe.kind).measures)
    assert math.isfinite(metrics[headline])
    assert all(math.isfinite(metrics[other]) for other in others if other in metrics)


@pytest.mark.parametrize("name", _EMBEDDED)
def test_every_embedded_recipe_trains(name, tmp_path, few_temperatures):
    _two_steps(name, tmp_path / "run", **({"points": 6} if _RECIPES[name].kind == "completion" else {}))


@pytest.mark.parametrize("name", [name for name, recipe in _RECIPES.items() if recipe.data.kind == "mnist"])
def test_every_mnist_recipe_trains_on_real_digits(name, tmp_path, few_digits_root, few_temperatures):
    _two_steps(name, tmp_path / "run", root=few_digits_root)


@pytest.fixture
def few_digits_root(tmp_path, mnist_root):
    """The first of MNIST's real digits: a test that trains for two steps need not be measured on 10,000."""
    splits = load_mnist(mnist_root)
    for name, split, count in (("train", splits.train, 3000), ("t10k", splits.test, 300)):
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(idx_bytes(split.input[:count, 0].numpy()))
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(idx_bytes(split.label[:count].numpy()))
    return tmp_path


@pytest.mark.parametrize("name", ["lenet5-digits", "mlp-digits", "mlp-double-moon"])
def test_first_losses_are_the_recorded_ones(name, tmp_path):
    """A change that was meant to change nothing changes nothing."""
    metrics, _ = run(short(name), tmp_path / "run")
    golden = json.loads(GOLDEN.read_text())[name]
    assert metrics["train/loss"] == pytest.approx(golden["train/loss"], rel=1e-4)
    assert metrics["test/loss"] == pytest.approx(golden["test/loss"], rel=1e-3)


def test_folders_are_numbered_and_never_shared(in_tmp):
    assert [create_run_folder("a", None).name for _ in range(3)] == ["a-0", "a-1", "a-2"]
    (in_tmp / "mine").mkdir()
    (in_tmp / "mine/file").touch()
    with pytest.raises(ValueError, match="not empty"):
        create_run_folder("a", in_tmp / "mine")


def test_every_recipe_says_what_it_is_and_has_its_own_name():
    for name, entry in all_recipes().items():
        assert entry.about
        assert entry.make().name == name
    with pytest.raises(ValueError, match="registered twice"):
        register_recipe()(next(iter(all_recipes().values())).make)


def test_weights_kept_in_half_precision_are_the_ones_that_were_measured(tmp_path):
    recipe = short("mlp-digits")
    figures, model = run(replace(recipe, trainer=replace(recipe.trainer, weights="float16")), tmp_path / "half")
    whole, _ = run(recipe, tmp_path / "whole")
    half, full = ((tmp_path / name / "model.safetensors").stat().st_size for name in ("half", "whole"))
    assert half < 0.6 * full
    loaded = zoo.get_model(str(tmp_path / "half"))
    assert {parameter.dtype for parameter in loaded.parameters()} == {torch.float32}
    assert torch.equal(_state(loaded), _state(model))
    assert torch.equal(_state(model).half().float(), _state(model))
    assert 0 < abs(figures["test/loss"] - whole["test/loss"]) < 1e-2
