"""Pickles that would run code, given to every command and function that reads weights: none runs."""

import hashlib
import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import pytest
import torch

import zoo
from tests.cli.helpers import fails_with_one_line
from tests.data.idx_files import write_pictures
from tests.faults.mutation import SPARE, Peak
from tests.recipes.helpers import run, short
from zoo.cli import evaluate, explain, export, finetune, predict, train
from zoo.errors import ZooError
from zoo.recipes.checkpoint_file import read_checkpoint
from zoo.registry import load_trained


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    run(short("lenet5-digits"), folder)
    return folder


class _Call:
    """Pickles as a call."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


def _hostile_pickles(marker: Path):
    """Files that would touch ``marker``, or take two gigabytes, in a loader that trusts them."""
    import builtins
    import os
    import subprocess

    code = f"open({str(marker)!r}, 'w')"
    calls = [
        _Call(os.system, f"touch {marker}"),
        _Call(builtins.exec, code),
        _Call(builtins.eval, code),
        _Call(subprocess.check_output, ["touch", str(marker)]),
        _Call(os.mkdir, str(marker)),
        _Call(bytearray, 2**31),
    ]
    for call in calls:
        for protocol in range(2, 6):
            yield pickle.dumps({"state_dict": call}, protocol=protocol)
        file = io.BytesIO()
        torch.save({"state_dict": call}, file)
        yield file.getvalue()
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr("archive/data.pkl", pickle.dumps(call, protocol=2))
            zipped.writestr("archive/version", "3\n")
        yield archive.getvalue()
        old = io.BytesIO()
        torch.save([call], old, _use_new_zipfile_serialization=False)
        yield old.getvalue()
        magic = b"zoo checkpoint 1\n"
        body = struct.pack("<Q", 0) + pickle.dumps(call)
        yield magic + hashlib.sha256(body).digest() + body
        yield struct.pack("<Q", 2) + b"{}" + pickle.dumps(call)


@pytest.mark.parametrize("forced", [False, True])
def test_no_hostile_pickle_runs_through_any_entry(forced, trained, tmp_path, monkeypatch, capsys, report):
    if forced:
        monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    marker, pictures = tmp_path / "marker", write_pictures(tmp_path / "pictures")
    torchvision = ["torchvision/squeezenet1_1", "--data.root", pictures]
    folder = tmp_path / "run"
    (folder / "checkpoints").mkdir(parents=True)
    for name in ("recipe.json", "metrics.json"):
        (folder / name).write_bytes((trained / name).read_bytes())
    peak = Peak()
    config, count = json.loads((trained / "config.json").read_text()), 0
    for content in _hostile_pickles(marker):
        count += 1
        (folder / "checkpoints/step-000000001.ckpt").write_bytes(content)
        (folder / "model.safetensors").write_bytes(content)
        (folder / "config.json").write_text(json.dumps(config | {"sha256": hashlib.sha256(content).hexdigest()}))
        for entry in (read_checkpoint, lambda path: load_trained(str(folder)), lambda path: zoo.get_model(str(folder))):
            with pytest.raises(ZooError):
                entry(folder / "checkpoints/step-000000001.ckpt")
        (tmp_path / "weights.pth").write_bytes(content)
        fails_with_one_line(finetune.main, [folder, "--data.root", tmp_path], capsys)
        assert "weights.pth" in fails_with_one_line(finetune.main, [*torchvision, "--weights", tmp_path / "weights.pth"], capsys)
        weights = ["--weights", tmp_path / "weights.pth"]
        assert "weights.pth" in fails_with_one_line(explain.main, ["torchvision/squeezenet1_1", pictures / "bars/0.png", *weights], capsys)
        fails_with_one_line(export.main, ["onnx", folder], capsys)
        fails_with_one_line(evaluate.main, [folder], capsys)
        fails_with_one_line(predict.main, [folder, pictures / "bars/0.png"], capsys)
        (folder / "metrics.json").rename(tmp_path / "metrics.json")
        fails_with_one_line(train.main, ["--resume", folder], capsys)
        (tmp_path / "metrics.json").rename(folder / "metrics.json")
        assert not marker.exists()
    assert count >= 50
    assert peak.grown() < 2 * SPARE, "a call of bytearray(2**31) was obeyed"
    setting = "under TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1" if forced else "as it comes"
    report.add(
        "hostile pickles through read_checkpoint, load_trained, get_model, finetune.py and explain.py (and their --weights), evaluate.py, "
        f"export.py, predict.py and train.py --resume, {setting}",
        count=count,
        result="none ran; one line each",
    )
