import json

import pytest
import torch

from tests.recipes.helpers import run
from tests.tasks.test_sequence_transduction import shortened
from zoo.cli.explain import ntm
from zoo.errors import ZooError

RECORD = {
    "arch": "ntm",
    "options": {},
    "kind": "transduction",
    "loss": "",
    "labels": [],
    "transform": None,
    "sha256": "",
    "parameters": 0,
    "data": {"kind": "copy", "title": "", "licence": ""},
}


@pytest.mark.parametrize("arguments", [[], ["--curves"]])
def test_the_curves_of_all_finished_runs_are_on_one_axis(tmp_path, capsys, arguments):
    for number, recipe in enumerate(["ntm-copy", "ntm-copy", "lstm-copy", "lenet5-digits"]):
        folder = tmp_path / f"{recipe}-{number}"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(RECORD | {"recipe": recipe}))
        (folder / "metrics.json").write_text(json.dumps({"curve/1000": 3.0, "curve/500": 9.0, "test/bits": 0.1}))
    assert ntm.read_curves(tmp_path)["LSTM"] == [[(500, 9.0), (1000, 3.0)]]
    ntm.main("ntm", [*arguments, "--runs", str(tmp_path), "--out", str(tmp_path / "curves.png")])
    assert "NTM with LSTM controller: 2 seeds, LSTM: 1 seed\n" in capsys.readouterr().out
    assert (tmp_path / "curves.png").stat().st_size > 0


def test_a_folder_without_runs_is_named(tmp_path):
    with pytest.raises(ZooError, match="no finished run of ntm-copy"):
        ntm.main("ntm", ["--runs", str(tmp_path)])


def test_a_machine_is_drawn_at_work(tmp_path):
    torch.manual_seed(0)
    run(shortened(), tmp_path / "run")
    ntm.main(str(tmp_path / "run"), ["--length", "9", "--out", str(tmp_path / "out")])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"answers.png", "memory_use.png", "memory.png"}


def test_a_length_beyond_the_memory_is_refused(tmp_path):
    run(shortened(rows=12), tmp_path / "run")
    with pytest.raises(ZooError, match="--length 13: the model's memory has 12 rows"):
        ntm.main(str(tmp_path / "run"), ["--length", "13"])


def test_what_is_no_curve_is_not_asked_for():
    with pytest.raises(ZooError, match="--no-curves"):
        ntm.main("ntm", ["--no-curves"])
