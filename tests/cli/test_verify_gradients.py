import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.cli.helpers import fails_with_one_line
from zoo.cli.verify_gradients import main
from zoo.functions.registry import all_functions
from zoo.verification.functions import check_function


def test_one_function_is_checked_timed_and_reported(in_tmp, capsys):
    main(["--function", "scaled_tanh", "--no-compile", "--repeats", "1", "--threads", "1", "--json", "a.json", "--page", "a.md"])
    assert "all 1 functions" in capsys.readouterr().out
    found = json.loads((in_tmp / "a.json").read_text())
    assert found["functions"]["scaled_tanh"]["passed"]
    assert found["speed"]["scaled_tanh"]["ratio"]["native"] > 0
    page = (in_tmp / "a.md").read_text()
    assert "| scaled_tanh | (2) |" in page
    assert "never by hand" in page


def test_a_failed_check_ends_with_code_1_and_names_the_function(monkeypatch, capsys, in_tmp):
    from dataclasses import replace

    monkeypatch.setattr("zoo.verification.functions.check_function", lambda entry, **how: replace(check_function(entry, **how), twin=1.0))
    with pytest.raises(SystemExit) as exit:
        main(["--function", "tanh", "--no-speed"])
    assert exit.value.code == 1
    assert "failed: tanh" in capsys.readouterr().out


def test_functions_equal_the_toolboxs_figures(capsys):
    folder = Path(os.environ.get("ZOO_DATA", "")).parent / "octave"
    if not (folder / "reference.npz").is_file():
        pytest.skip("needs the toolbox's arrays: octave/ beside $ZOO_DATA")
    main(["--function", "convolve2d", "--no-speed", "--toolbox", str(folder)])
    assert "all 1 functions" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["--function", "sigmoyd"], "no function 'sigmoyd'; did you mean sigmoid"),
        (["--toolbox", "nowhere", "--function", "tanh"], "nowhere/inputs.npz: cannot be read"),
        (["--repeats", "0"], "--repeats 0"),
        (["--device", "tpu"], "invalid choice 'tpu'"),
    ],
)
def test_mistakes_get_one_line(args, complaint, capsys, in_tmp):
    assert complaint in fails_with_one_line(main, args, capsys)


def test_a_folder_with_other_arrays_is_refused(capsys, in_tmp):
    for name in ("inputs.npz", "reference.npz"):
        np.savez(in_tmp / name, full_x=np.zeros(1))
    assert "no array" in fails_with_one_line(main, ["--toolbox", str(in_tmp), "--function", "tanh"], capsys)


def test_every_function_that_a_model_trains_with_is_timed():
    timed = {name for name, entry in all_functions().items() if entry.workload}
    assert {"conv2d", "subsample", "scaled_tanh", "linear", "map_loss", "lstm", "lstm_cell"} <= timed
