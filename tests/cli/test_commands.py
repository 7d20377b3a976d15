"""Every script does its job."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

import zoo
from tests.cli.helpers import fails_with_one_line
from tests.data.idx_files import write_pictures
from tests.recipes.helpers import run, short
from zoo.cli import describe, evaluate, export, finetune, list_models, predict, train
from zoo.errors import ZooError
from zoo.records import checkpoint_root

SCRIPTS = Path(__file__).parent.parent.parent / "scripts"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "lenet"
    metrics, _ = run(short("lenet5-digits", epochs=3), folder)
    return folder, metrics


def test_training_ends_with_the_error_the_folder_and_what_to_type_next(in_tmp, capsys):
    train.main(["mlp-double-moon", "--trainer.max-epochs", "1", "--trainer.no-progress-bar"])
    out = capsys.readouterr().out
    assert re.search(r"test error +\d+\.\d\d %", out)
    assert "tensorboard --logdir runs/mlp-double-moon-0" in out
    assert "scripts/evaluate.py runs/mlp-double-moon-0" in out
    assert (in_tmp / "runs/mlp-double-moon-0/pictures/decision_boundary.png").is_file()


def test_evaluation_repeats_the_runs_figures_exactly(trained, tmp_path, capsys):
    folder, metrics = trained
    evaluate.main([str(folder), "--json", str(tmp_path / "a.json"), "--pictures", str(tmp_path / "pictures")])
    figures = json.loads((tmp_path / "a.json").read_text())
    assert figures == {name: metrics[name] for name in ("test/error", "test/loss")}
    assert {path.stem for path in (tmp_path / "pictures").iterdir()} == {"confusion_matrix", "first_filters", "worst_mistakes"}
    assert f"{100 * metrics['test/error']:.2f} %" in capsys.readouterr().out


def test_points_in_the_plane_are_evaluated_too(in_tmp, capsys):
    run(short("mlp-double-moon"), in_tmp / "moon")
    evaluate.main([str(in_tmp / "moon"), "--pictures", "p"])
    assert (in_tmp / "p/decision_boundary.png").is_file()


def test_prediction_reads_dark_on_light_and_light_on_dark_alike(trained, tmp_path, capsys):
    folder, _ = trained
    from zoo.data.digits import load_digits

    small = load_digits().test.input[3, 0].numpy()
    big = Image.fromarray(small).resize((200, 200), Image.Resampling.BICUBIC)
    ground = Image.new("L", (300, 260))
    ground.paste(big, (60, 20))
    ground.save(tmp_path / "light.png")
    ground.point(lambda level: 255 - level).convert("RGB").save(tmp_path / "dark.jpg", quality=95)
    predict.main([str(folder), str(tmp_path / "light.png"), str(tmp_path / "dark.jpg"), "--json", str(tmp_path / "a.json")])
    light, dark = json.loads((tmp_path / "a.json").read_text()).values()
    out = capsys.readouterr().out
    assert "light on dark; ink centred" in out
    assert "dark on light, inverted; ink centred" in out
    assert next(iter(light)) == next(iter(dark))
    assert sum(light.values()) <= 1 + 1e-6


def test_a_blank_picture_is_said_to_be_blank(trained, tmp_path, capsys):
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    predict.main([str(trained[0]), str(tmp_path / "blank.png")])
    assert "no ink found" in capsys.readouterr().out


def test_fine_tuning_gives_a_new_head_and_keeps_what_is_frozen(trained, in_tmp, capsys):
    folder, _ = trained
    root = write_pictures(in_tmp / "p", classes=("bars", "dots", "more"))
    flags = ["--trainer.max-epochs", "2", "--trainer.no-progress-bar", "--run", "tuned"]
    finetune.main([str(folder), "--data", "folder", "--data.root", str(root), "--freeze", "features", *flags])
    tuned, start = zoo.get_model("tuned"), zoo.get_model(str(folder))
    assert tuned.meta.labels == ["bars", "dots", "more"]
    kept = start.features.state_dict()
    assert all(torch.equal(value, kept[name]) for name, value in tuned.features.state_dict().items())
    evaluate.main(["tuned"])
    assert json.loads(Path("tuned/config.json").read_text())["data"]["root"] == str(root.absolute())
    predict.main(["tuned", str(root / "bars/0.png")])
    assert "whole picture" in capsys.readouterr().out


def test_onnx_export_agrees_with_onnxruntime_and_says_what_is_in_it(trained, tmp_path, capsys):
    onnx = pytest.importorskip("onnx")
    export.main(["onnx", str(trained[0]), "--out", str(tmp_path / "a.onnx")])
    assert "onnxruntime agrees" in capsys.readouterr().out
    properties = {each.key: each.value for each in onnx.load(tmp_path / "a.onnx").metadata_props}
    assert json.loads(properties["labels"]) == [str(digit) for digit in range(10)]
    assert json.loads(properties["transform"])["size"] == 32


def test_an_onnx_file_of_a_machine_says_how_long_its_sequences_are(tmp_path, capsys):
    onnx = pytest.importorskip("onnx")
    export.main(["onnx", "lstm_transducer", "--steps", "7", "--out", str(tmp_path / "a.onnx")])
    assert "sequences of 7 steps" in capsys.readouterr().out
    shape = onnx.load(tmp_path / "a.onnx").graph.input[0].type.tensor_type.shape
    assert [each.dim_value for each in shape.dim][1:] == [7, 9]
    with pytest.raises(ZooError, match="--steps 7: lenet5 takes no sequences"):
        export.main(["onnx", "lenet5", "--steps", "7", "--out", str(tmp_path / "b.onnx")])


def test_a_release_has_weights_record_figures_and_card(in_tmp, capsys, monkeypatch):
    """On the quickest recipe, as it stands: a release is of nothing else."""
    monkeypatch.setattr("zoo.recipes.publish.checkpoint_root", lambda: in_tmp)
    monkeypatch.setattr("zoo.records.checkpoint_root", lambda: in_tmp)
    from dataclasses import replace

    from zoo.recipes.registry import all_recipes

    for seed in (0, 1):
        recipe = all_recipes()["mlp-digits"].make()
        run(replace(recipe, seed=seed, trainer=replace(recipe.trainer, progress_bar=False)), in_tmp / f"run{seed}")
    export.main(["release", "mlp.test_v1", "run0", "run1"])
    card = (in_tmp / "mlp.test_v1/README.md").read_text()
    assert "median of 2 seeds" in card
    assert "python scripts/train.py mlp-digits --seed N" in card
    assert zoo.get_model("mlp.test_v1").meta.recipe == "mlp-digits"
    with pytest.raises(ValueError, match="never changed"):
        export.main(["release", "mlp.test_v1", "run0"])


def test_a_card_keeps_what_a_benchmark_measured(in_tmp, capsys, monkeypatch):
    """Beside the figures of the release, which stay; the same command replaces what it gave before."""
    shutil.copytree(checkpoint_root() / "mlp.double_moon_v1", in_tmp / "mlp.double_moon_v1")
    monkeypatch.setattr("zoo.records.checkpoint_root", lambda: in_tmp)
    card, before = (in_tmp / "mlp.double_moon_v1" / name for name in ("README.md", "metrics.json"))
    kept = json.loads(before.read_text())
    for seconds in (0.5, 0.25):
        Path("figures.json").write_text(
            json.dumps({"command": "benchmark.py x --fast", "figures": {"zoo": {"at rest": {"seconds": seconds}}}})
        )
        export.main(["beside", "mlp.double_moon_v1", "figures.json"])
    assert "benchmark.py x --fast" in card.read_text()
    assert "| zoo, at rest | seconds 0.25 |" in card.read_text()
    assert "seconds 0.5" not in card.read_text()
    assert {name: value for name, value in json.loads(before.read_text()).items() if name != "beside"} == kept


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"figures": {}}', '{"command": "x"}', '{"command": "x", "figures": 1}', '{"command": "x", "figures": {"zoo": "fast"}}'],
)
def test_a_card_keeps_nothing_but_figures(text, in_tmp):
    Path("figures.json").write_text(text)
    with pytest.raises(ZooError, match=r"figures\.json: nothing that benchmark\.py wrote"):
        export.main(["beside", "lenet5.digits_v1", "figures.json"])


def test_models_are_listed_and_described(capsys, trained):
    list_models.main(["lenet5"])
    assert "60,000 trainable parameters" in capsys.readouterr().out
    describe.main(["mlp"])
    assert "activation" in capsys.readouterr().out
    describe.main([str(trained[0])])
    assert '"recipe": "lenet5-digits"' in capsys.readouterr().out


def test_an_interrupted_fine_tuning_can_be_resumed_from_anywhere(trained, in_tmp, monkeypatch, capsys):
    write_pictures(in_tmp / "p")
    shutil.copytree(trained[0], in_tmp / "lenet")
    flags = ["--trainer.max-epochs", "2", "--trainer.no-progress-bar", "--run", "tuned"]
    args = ["lenet", "--data", "folder", "--data.root", "p", *flags]

    def interrupt(self, trainer, module, *rest):
        if trainer.current_epoch == 1:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.tasks.finite_guard.FiniteGuard.on_train_batch_start", interrupt)
        patch.setattr("zoo.tasks.finite_guard.FiniteGuard.on_before_optimizer_step", lambda *args: None)
        with pytest.raises(SystemExit) as exit:
            finetune.main(args)
    assert exit.value.code == 130
    (in_tmp / "elsewhere").mkdir()
    monkeypatch.chdir(in_tmp / "elsewhere")
    assert "the run is not finished" in fails_with_one_line(evaluate.main, ["../tuned"], capsys)
    (in_tmp / "p").rename(in_tmp / "q")
    assert "there is no such folder; --data.root names" in fails_with_one_line(train.main, ["--resume", "../tuned"], capsys)
    flags = ["--data.root", "../q", "--trainer.no-progress-bar"]
    assert "leave out what changes seed" in fails_with_one_line(train.main, ["--resume", "../tuned", *flags, "--seed", "3"], capsys)
    train.main(["--resume", "../tuned", *flags])
    assert zoo.get_model("../tuned").meta.metrics["epochs"] == 2


@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.glob("*.py")))
def test_help_needs_no_heavy_import(script):
    """What makes it answer in under a second."""
    code = f"import runpy, sys; sys.argv = ['{script}', '--help']; runpy.run_path(r'{SCRIPTS / script}', run_name='__main__')"
    check = "import atexit, sys; atexit.register(lambda: print('heavy' if 'torch' in sys.modules else 'light'));"
    result = subprocess.run([sys.executable, "-c", check + code], capture_output=True, text=True, check=True)
    assert result.stdout.endswith("light\n")
    assert "usage" in result.stdout


def test_import_zoo_is_light_and_models_come_without_lightning():
    code = "import sys, zoo; assert 'torch' not in sys.modules; zoo.get_model('lenet5'); assert 'pytorch_lightning' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["nothing"], "no recipe"),
        # In a process without the tests' shape checks, which would speak first.
        (["lenet5-digits", "--data.transform.size", "28"], "does not take inputs of 1x28x28"),
    ],
)
def test_a_script_in_a_process_of_its_own_fails_with_code_2(tmp_path, args, complaint):
    result = subprocess.run([sys.executable, SCRIPTS / "train.py", *args], capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 2
    assert complaint in result.stderr
    assert result.stderr.count("\n") == 1
