import json

import pytest
import torch

from tests.recipes.helpers import run
from tests.tasks.test_sequence_transduction import shortened
from zoo.cli import explain
from zoo.cli.explain import ntm
from zoo.errors import ZooError

RECORD = {
    "arch": "ntm",
    "options": {"controller": "lstm"},
    "kind": "transduction",
    "loss": "",
    "labels": [],
    "transform": None,
    "sha256": "",
    "parameters": 0,
    "data": {"kind": "copy", "longest": 20, "title": "", "licence": ""},
}


@pytest.mark.parametrize("arguments", [[], ["--curves"]])
def test_the_curves_of_all_finished_runs_are_on_one_axis(tmp_path, capsys, arguments):
    for number, changed in enumerate(
        [
            {"recipe": "lstm-copy", "arch": "lstm_transducer"},
            {"recipe": "ntm-copy"},
            {"recipe": "ntm-copy"},
            {"recipe": "ntm-copy", "recorded": {"model": {"hidden": 8}, "task": {"optimizer": {"lr": 0.1}}, "seed": 3}},
            {"recipe": "ntm-copy-feed-forward", "options": {"controller": "feed-forward"}},
            {"recipe": "ntm-copy-paper", "recorded": {"data": {"longest": 5}}},
            {"recipe": "ntm-recall", "data": RECORD["data"] | {"kind": "recall"}},
            {"recipe": "lenet5-digits", "kind": "classification"},
        ]
    ):
        folder = tmp_path / f"run-{number}"
        folder.mkdir()
        (folder / "recipe.json").write_text(json.dumps(changed.pop("recorded", {})))
        (folder / "config.json").write_text(json.dumps(RECORD | changed))
        (folder / "metrics.json").write_text(json.dumps({"curve/1000": 3.0, "curve/500": 9.0, "test/bits": 0.1}))
    (tmp_path / "run-1" / "metrics.json").write_text(json.dumps({"test/bits": 0.1}))  # of which no curve is known
    assert ntm.read_curves(tmp_path)["LSTM"] == [[(500, 9.0), (1000, 3.0)]]
    explain.main(["ntm", *arguments, "--runs", str(tmp_path), "--out", str(tmp_path / "curves.png")])
    assert capsys.readouterr().out.splitlines()[0] == (
        "NTM with LSTM controller: 1 seed, NTM with LSTM controller (model.hidden 8, task.optimizer.lr 0.1): 1 seed, "
        "NTM with feed-forward controller: 1 seed, NTM with LSTM controller (ntm-copy-paper, data.longest 5): 1 seed, LSTM: 1 seed"
    )
    assert (tmp_path / "curves.png").stat().st_size > 0


def test_a_folder_without_runs_is_named(tmp_path):
    with pytest.raises(ZooError, match="no finished run that learnt to copy"):
        ntm.main("ntm", ["--runs", str(tmp_path)])


def test_a_machine_is_drawn_at_work(tmp_path):
    torch.manual_seed(0)
    run(shortened(), tmp_path / "run")
    explain.main([str(tmp_path / "run"), "--length", "9", "--out", str(tmp_path / "out")])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"answers.png", "memory_use.png", "memory.png"}


def test_a_length_beyond_the_memory_is_refused_and_without_one_the_largest_that_fits_is_drawn(tmp_path):
    run(shortened(rows=40), tmp_path / "run")
    with pytest.raises(ZooError, match="--length 41: the model's memory has 40 rows"):
        explain.main([str(tmp_path / "run"), "--length", "41"])
    explain.main([str(tmp_path / "run"), "--out", str(tmp_path / "out")])
    assert (tmp_path / "out" / "memory_use.png").stat().st_size > 0


def test_an_lstm_is_drawn_answering(tmp_path):
    run(shortened("lstm-copy", hidden=8, layers=1), tmp_path / "run")
    explain.main([str(tmp_path / "run"), "--length", "9", "--out", str(tmp_path / "out")])
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["answers.png"]


def test_what_is_no_curve_is_not_asked_for():
    with pytest.raises(ZooError, match="--no-curves"):
        ntm.main("ntm", ["--no-curves"])
