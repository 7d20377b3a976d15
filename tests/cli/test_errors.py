"""Every documented mistake: one line, exit code 2, nothing lost."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from tests.cli.helpers import fails_with_one_line
from tests.data.idx_files import idx_bytes, write_mnist, write_pictures
from tests.recipes.helpers import run, short
from zoo.cli import benchmark, describe, evaluate, explain, export, finetune, list_models, predict, train, verify_gradients
from zoo.errors import ZooError
from zoo.recipes import publish
from zoo.recipes.durable import write_json
from zoo.recipes.registry import all_recipes


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "lenet"
    run(short("lenet5-digits"), folder)
    return folder


@pytest.mark.parametrize(
    ("main", "args", "complaint"),
    [
        (train.main, ["lenet5-digit"], "no recipe 'lenet5-digit'; did you mean lenet5-digits"),
        (train.main, ["lenet5-digits", "--data.roott", "x"], "did you mean --data.root?"),
        (train.main, ["lenet5-digits", "--seed", "x"], "--seed"),
        (train.main, ["lenet5-digits", "--task.loss", "hinge"], "invalid choice 'hinge'"),
        (train.main, ["--seed", "3"], "a NAME is needed"),
        (train.main, ["lenet5-digits", "--run", "s3://bucket/run"], "s3:/bucket/run: runs are kept in local folders only"),
        (train.main, ["--resume", "nowhere"], "nowhere/recipe.json: cannot be read"),
        (train.main, ["lenet5-digits", "--trainer.accelerator", "mps"], "no such device"),
        (train.main, ["mlp-digits", "--task.loss", "map"], "map loss is for energies"),
        (train.main, ["mlp-digits", "--model.dropout", "1.5"], "--model.dropout 1.5"),
        (train.main, ["lenet5-digits", "--data", "folder"], "needs --data.root"),
        (evaluate.main, ["lenet5.mnist_v9"], "no model 'lenet5.mnist_v9'"),
        (evaluate.main, ["lenet5"], "architecture without weights"),
        (predict.main, ["one.png"], "one.png was taken as the model's name"),
        (train.main, ["lenet5-digits", "--no-trainer.progress-bar"], "did you mean --trainer.progress-bar?"),
        (predict.main, ["lenet5.digits_v1", "/dev"], "this is a folder"),
        (evaluate.main, ["lenet5.digits_v1", "--pictures", "/dev/null/p"], "no folder can be made there"),
        (evaluate.main, ["lenet5.digits_v1", "--json", "nowhere/figures.json"], "nowhere/figures.json: cannot be written"),
        (predict.main, ["lenet5.digits_v1", "one.png", "--json", "nowhere/figures.json"], "nowhere/figures.json: cannot be written"),
        (benchmark.main, ["startup", "--json", "/"], "/: cannot be written"),
        (predict.main, ["lenet5.digits_v1", "one.png", "--json", "one.png"], "--json one.png: figures are written as JSON"),
        (explain.main, ["lenet5.digits_v1", "one.png", "--weights", "w.pt", "--json", "w.pt"], "--json w.pt: figures are written as JSON"),
        (explain.main, ["ntm.copy_v1", "--length", "abc"], "--length: 'abc' is not INT"),
        (verify_gradients.main, ["--page", "nowhere/page.md"], "nowhere/page.md: cannot be written"),
        (explain.main, ["ntm", "--out", "curves.foo"], "curves.foo"),
        (export.main, ["onnx", "lenet5.digits_v1", "--steps", "0"], "--steps 0: must be at least 1"),
        (export.main, ["onnx", "lenet5.digits_v1", "--out", "nowhere/model.onnx"], "nowhere/model.onnx: cannot be written"),
        (finetune.main, ["lenet"], "no model 'lenet'"),
        (finetune.main, ["lenet5"], "architecture without weights"),
        (train.main, ["lenet5-mnist", "--data.root", "nowhere"], "no such folder"),
        (train.main, ["mlp-digits", "--task.stopping.patience", "2", "--data.validation", "0"], "needs a validation split"),
        (train.main, ["mlp-digits", "--data.batch-size", "0"], "error: --data.batch-size 0: must be at least 1"),
        (train.main, ["mlp-digits", "--data.validation", "2"], "--data.validation 2.0"),
        (train.main, ["mlp-digits", "--seed", "-1"], "--seed -1"),
        (train.main, ["mlp-digits", "--task.optimizer.lr", "nan"], "--task.optimizer.lr nan"),
        (train.main, ["mlp-digits", "--task.optimizer.warmup", "1"], "--task.optimizer.warmup 1.0"),
        (train.main, ["mlp-digits", "--trainer.devices", "0"], "--trainer.devices 0"),
        (train.main, ["mlp-digits", "--trainer.max-epochs", "0"], "--trainer.max-epochs 0"),
        (train.main, ["mlp-digits", "--data.transform.content", "0"], "--data.transform.content 0"),
        (train.main, ["mlp-digits", "--model.widths", "0"], "--model.widths"),
        (describe.main, ["lenet5-mnist"], "lenet5-mnist is a recipe; name one of its runs"),
        (describe.main, ["lenet6"], "no model 'lenet6'; did you mean lenet5"),
        (export.main, ["everything"], "must be one of release, beside, card, table, onnx"),
        (export.main, ["release", "lenet5.x_v1"], "at least one run"),
        (export.main, ["release", "lenet5.x_v1", "nowhere"], "not a finished run"),
        (benchmark.main, ["lenet"], "no benchmark 'lenet'; did you mean lenet5"),
        (
            benchmark.main,
            ["variants", "lenet5-digits", "data.batchsize"],
            "lenet5-digits has no option 'data.batchsize'; did you mean data.batch_size",
        ),
        (benchmark.main, ["lstm", "--steps", "0"], "--steps 0: must be at least 1"),
        (list_models.main, ["--relased"], "did you mean --released"),
        (list_models.main, ["lennet5"], "no model that matches 'lennet5'; did you mean lenet5"),
        (train.main, ["lenet5-digits", "--data.root", "x"], "the digits are embedded"),
        (train.main, ["lenet5-digits", "--trainer.devices", "3"], "--data.batch-size 32: must be a multiple of --trainer.devices 3"),
        (train.main, ["lenet5-digits", "--data.distortion.scale", "1"], "--data.distortion.scale 1.0"),
        (train.main, ["lenet5-digits", "--data.distortion.rotation", "-1"], "--data.distortion.rotation -1.0"),
        (train.main, ["mlp-digits", "--model.max-norm", "-1"], "--model.max-norm -1.0"),
        (predict.main, ["lenet5", "a.png", "--top", "0"], "--top 0"),
        (benchmark.main, ["startup", "--repeats", "0"], "--repeats 0"),
        (export.main, ["card", "nowhere"], "no released model 'nowhere'"),
    ],
)
def test_mistakes_on_the_command_line(main, args, complaint, capsys, in_tmp):
    assert complaint in fails_with_one_line(main, args, capsys)
    assert not list(in_tmp.glob("runs/*")), "a failed start leaves no run folder"


def test_missing_data_offline(capsys, in_tmp, monkeypatch):
    def offline(*args, **kwargs):
        raise RuntimeError("no network")

    monkeypatch.setattr("torchvision.datasets.MNIST", offline)
    message = fails_with_one_line(train.main, ["lenet5-mnist", "--data.root", in_tmp], capsys)
    assert "MNIST is not in" in message
    assert "-digits" in message


def test_truncated_data(capsys, in_tmp):
    root = write_mnist(in_tmp / "data")
    path = root / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:1000])
    assert "1000 bytes, but its header says" in fails_with_one_line(train.main, ["lenet5-mnist", "--data.root", root], capsys)


def test_pictures_and_labels_that_do_not_belong_together(capsys, in_tmp):
    root = write_mnist(in_tmp / "data")
    (root / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.zeros(59)))
    assert f"{root}: 60 pictures but 59 labels" in fails_with_one_line(train.main, ["lenet5-mnist", "--data.root", root], capsys)


def test_labels_out_of_range(capsys, in_tmp):
    root = write_mnist(in_tmp / "data")
    (root / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.full(60, 200)))
    assert "label 200 is out of range" in fails_with_one_line(train.main, ["lenet5-mnist", "--data.root", root], capsys)


def test_an_unwritable_run_folder_is_found_before_the_first_step(capsys, in_tmp):
    (in_tmp / "file").touch()
    assert "cannot be written" in fails_with_one_line(train.main, ["lenet5-digits", "--run", in_tmp / "file" / "run"], capsys)


def test_a_folder_of_the_users_own_is_still_there_after_a_failed_start(capsys, in_tmp):
    (in_tmp / "mine").mkdir()
    flags = ["lenet5-mnist", "--data.root", "nowhere"]
    fails_with_one_line(train.main, [*flags, "--run", "mine"], capsys)
    assert list((in_tmp / "mine").iterdir()) == []
    fails_with_one_line(train.main, [*flags, "--run", "new"], capsys)
    assert not (in_tmp / "new").exists()


@pytest.mark.parametrize("args", [["mlp-double-moon"], ["--resume", "run"]])
def test_torchrun_must_start_one_process_a_device(args, capsys, in_tmp, monkeypatch):
    """Each of its processes would take the run for its own."""
    (in_tmp / "run").mkdir()
    write_json(in_tmp / "run/recipe.json", asdict(short("mlp-double-moon")))
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert "torchrun started 2 processes, --trainer.devices is 1" in fails_with_one_line(train.main, args, capsys)
    assert sorted(path.name for path in in_tmp.rglob("*")) == ["recipe.json", "run"]


def test_a_run_folder_in_use_is_refused(trained, capsys):
    before = sorted(trained.rglob("*"))
    assert "not empty" in fails_with_one_line(train.main, ["lenet5-digits", "--run", trained], capsys)
    assert sorted(trained.rglob("*")) == before


def test_a_finished_run_is_not_resumed(trained, capsys):
    assert "is finished" in fails_with_one_line(train.main, ["--resume", trained], capsys)


def test_altered_weights_are_refused(trained, capsys, in_tmp):
    copy = shutil.copytree(trained, in_tmp / "copy")
    weights = bytearray((copy / "model.safetensors").read_bytes())
    weights[len(weights) // 2] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    assert "sha256" in fails_with_one_line(evaluate.main, [copy], capsys)


def test_a_damaged_record_is_refused(trained, capsys, in_tmp):
    copy = shutil.copytree(trained, in_tmp / "copy")
    (copy / "config.json").write_text("{")
    assert "damaged" in fails_with_one_line(evaluate.main, [copy], capsys)


def test_a_file_that_is_no_picture(trained, capsys, in_tmp):
    (in_tmp / "a.png").write_text("hello")
    assert "not a picture" in fails_with_one_line(predict.main, [trained, in_tmp / "a.png"], capsys)


def test_figures_are_never_written_over_the_record_of_a_run(trained, capsys):
    before = (Path(trained) / "config.json").read_bytes()
    assert "name another file" in fails_with_one_line(evaluate.main, [trained, "--json", Path(trained) / "config.json"], capsys)
    assert (Path(trained) / "config.json").read_bytes() == before


def test_an_unwritable_json_file(trained, capsys, in_tmp):
    assert "cannot be written" in fails_with_one_line(evaluate.main, [trained, "--json", in_tmp / "no/where.json"], capsys)


@pytest.mark.parametrize(
    ("freeze", "complaint"), [(["feature"], "no such part"), (["features", "head"], "nothing to train"), ([""], "no such part")]
)
def test_parts_to_freeze_must_exist_and_leave_some(trained, capsys, in_tmp, freeze, complaint):
    root = write_pictures(in_tmp / "p")
    args = [trained, "--data", "folder", "--data.root", root, "--freeze", *freeze]
    assert complaint in fails_with_one_line(finetune.main, args, capsys)


def test_runs_of_a_changed_recipe_are_not_released(trained, capsys):
    """The fixture trains one epoch; the recipe says more."""
    assert "differs from the recipe" in fails_with_one_line(export.main, ["release", "lenet5.x_v1", trained], capsys)


def test_an_option_that_came_after_a_run_hinders_no_release_while_it_is_at_its_default():
    record = json.loads(json.dumps(asdict(all_recipes()["ntm-copy"].make()), default=str))
    del record["model"]["begin"]
    publish._check_recipes([publish.Run(Path("run"), record, {}, {}, {})])
    del record["data"]["varied"]  # by default off, and on in this recipe
    with pytest.raises(ZooError, match=r"differs from the recipe ntm-copy as it is now in data\.varied"):
        publish._check_recipes([publish.Run(Path("run"), record, {}, {}, {})])


def test_damaged_weights_are_not_released(in_tmp, capsys, monkeypatch):
    monkeypatch.setattr("zoo.recipes.publish.checkpoint_root", lambda: in_tmp / "checkpoints")
    monkeypatch.setattr("zoo.recipes.publish._check_recipes", lambda runs: None)  # this one is short
    run(short("lenet5-digits"), in_tmp / "run")
    with (in_tmp / "run/model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\xff")
    assert "sha256" in fails_with_one_line(export.main, ["release", "lenet5.test_v1", "run"], capsys)
    assert not (in_tmp / "checkpoints").exists()


def test_output_that_cannot_be_written_is_told_with_code_1():
    """A full disk beneath `> file`."""
    script = Path(__file__).parents[2] / "scripts/list_models.py"
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([sys.executable, script], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "error: the output: No space left on device\n"
