"""The recipes that begin with RBMs, from training to what people see."""

import json
from dataclasses import replace

import pytest
import torch

import zoo
from tests.cli.helpers import fails_with_one_line
from tests.recipes.helpers import run, short
from zoo.cli import evaluate, explain, export, generate, train
from zoo.data.speech_features import log_mel, mfcc
from zoo.recipes.kinds import kind_named
from zoo.recipes.record import read_recipe
from zoo.recipes.registry import all_recipes


def _evaluated(folder, *flags):
    evaluate.main([str(folder), "--json", str(folder / "again.json"), *map(str, flags)])
    return json.loads((folder / "again.json").read_text())


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "dbn"
    recipe = short("dbn-digits", epochs=8)
    metrics, _ = run(replace(recipe, model=replace(recipe.model, widths=(64, 20, 30)), data=replace(recipe.data, batch_size=100)), folder)
    return folder, metrics


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "rbm"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.recipes.kinds.density._TEMPERATURES", 100)
        metrics, _ = run(short("rbm-digits", epochs=2), folder)
        yield folder, metrics


def test_a_machine_is_evaluated_to_the_digit(machine, tmp_path):
    folder, metrics = machine
    again = _evaluated(folder, "--pictures", tmp_path / "pictures")
    assert again == {name: metrics[name] for name in again}
    assert {path.stem for path in (tmp_path / "pictures").iterdir()} == {"filters", "reconstructions", "fantasies"}


def test_a_trained_machine_keeps_its_own_transform(machine):
    model = zoo.get_model(str(machine[0]))
    assert model.transform(torch.rand(2, 64)).shape == (2, 100)


def test_a_stack_is_evaluated_to_the_digit(stack, tmp_path):
    folder, metrics = stack
    again = _evaluated(folder, "--pictures", tmp_path / "pictures")
    assert again == {name: metrics[name] for name in again}
    assert "fantasies" in {path.stem for path in (tmp_path / "pictures").iterdir()}


def test_the_recipes_come_back_from_their_records(stack):
    assert read_recipe(stack[0]).model.widths == (64, 20, 30)


def test_digits_of_one_class_are_drawn(stack, tmp_path, capsys):
    out = tmp_path / "new" / "threes.png"
    generate.main([str(stack[0]), "--digit", "3", "--count", "4", "--steps", "5", "--out", str(out)])
    assert out.is_file()
    assert str(out) in capsys.readouterr().out


def test_fantasies_of_a_machine_are_drawn(machine, tmp_path):
    generate.main([str(machine[0]), "--count", "4", "--steps", "5", "--out", str(tmp_path / "f.png")])
    assert (tmp_path / "f.png").is_file()


def test_a_trained_machine_becomes_an_onnx_file_that_takes_pictures(machine, tmp_path, capsys):
    pytest.importorskip("onnxruntime")
    export.main(["onnx", str(machine[0]), "--out", str(tmp_path / "m.onnx")])
    assert "onnxruntime agrees" in capsys.readouterr().out


@pytest.mark.parametrize("layer", [1, 2])
def test_the_fields_of_hidden_units_are_drawn(stack, tmp_path, layer):
    explain.main([str(stack[0]), "--layer", str(layer), "--out", str(tmp_path / "e.png")])
    assert (tmp_path / "e.png").is_file()


def test_what_cannot_be_made_or_shown_is_refused(stack, capsys):
    folder = str(stack[0])
    assert "class 12" in fails_with_one_line(generate.main, [folder, "--digit", "12"], capsys)
    assert "2 layers" in fails_with_one_line(explain.main, [folder, "--layer", "3"], capsys)
    assert "generates nothing; models of char_lstm, dbn, rbm do" in fails_with_one_line(generate.main, ["mlp.mnist_v1"], capsys)


@pytest.mark.parametrize("kind", ["machine", "stack"])
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--out", "fantasies.txt"], "drawings are PNG files"),
        (["--out", "."], "drawings are PNG files"),
        (["--seed", str(2**64)], "must be at least 0 and below"),
        (["--count", "0"], "--count 0"),
        (["--steps", "0"], "--steps 0"),
    ],
)
def test_fantasies_that_cannot_be_drawn_are_refused_before_the_weights_are_read(kind, flags, message, in_tmp, request, capsys, monkeypatch):
    folder, _ = request.getfixturevalue(kind)
    monkeypatch.setattr("zoo.registry.load_trained", lambda name: pytest.fail("the weights were read"))
    assert message in fails_with_one_line(generate.main, [str(folder), *flags], capsys)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["rbm-digits", "--model.visible", "63"], "inputs have 64 values, the machine has 63 visible units"),
        (["rbm-digits", "--data.distortion.rotation", "5"], "leave distortions out"),
        (["rbm-digits", "--data.transform.ink", "2"], "inputs from 0 to 2: pixels are drawn"),
        (["dbn-digits", "--data.transform.ink", "2"], "binary units take [0, 1]"),
        (["dbn-digits", "--trainer.max-epochs", "1"], "1 epochs leave none to fine-tune"),
        (["dbn-digits", "--trainer.max-epochs", "2"], "1 epochs for 3 machines"),
        (["dbn-digits", "--model.label-units", "7"], "the data has 10 classes"),
        (["dbn-digits", "--task.rbm.lr", "-1"], "lr -1"),
    ],
)
def test_bad_options_and_data_are_refused_before_training(args, message, in_tmp, capsys):
    assert message in fails_with_one_line(train.main, [*args, "--trainer.no-progress-bar"], capsys)


def test_an_autoencoder_is_evaluated_to_the_digit(tmp_path):
    recipe = short("dbn-autoencoder-mnist", epochs=8)
    digits = all_recipes()["dbn-digits"].make().data
    recipe = replace(recipe, model=replace(recipe.model, widths=(64, 20, 5)), data=replace(digits, batch_size=100))
    metrics, _ = run(recipe, tmp_path / "run")
    again = _evaluated(tmp_path / "run", "--pictures", tmp_path / "pictures")
    assert again == {name: metrics[name] for name in again}
    assert {path.stem for path in (tmp_path / "pictures").iterdir()} == {"reconstructions"}


def test_spoken_digits_are_trained_on_and_evaluated_to_the_digit(tmp_path, spoken_root):
    recipe = short("dbn-fsdd", epochs=5)
    recipe = replace(recipe, trainer=replace(recipe.trainer, max_steps=2), model=replace(recipe.model, widths=(20, 20, 20)))
    metrics, _ = run(replace(recipe, data=replace(recipe.data, root=spoken_root, bands=10, width=3)), tmp_path / "run")
    again = _evaluated(tmp_path / "run", "--data.root", spoken_root)
    assert again == {name: metrics[name] for name in again}


@pytest.mark.parametrize("features", ["log-mel", "mfcc"])
def test_what_an_acoustic_models_card_says_takes_a_waveform_to_the_scores_of_its_word(features):
    wave = torch.randn(4000, generator=torch.Generator().manual_seed(0))
    energy = log_mel(wave, sample_rate=8000, bands=6)
    frame = energy if features == "log-mel" else mfcc(energy, coefficients=4)
    model = zoo.get_model("dbn_acoustic", features=frame.shape[1], widths=(5,))
    names = {"model": model, "wave": wave, "zoo": zoo}
    meta = replace(zoo.describe("dbn_acoustic.fsdd_v1"), data={"features": features, "bands": 6, "coefficients": 4})
    exec(kind_named("speech").usage(meta), names)
    assert torch.equal(names["score"], model.word_scores(frame))
