import json

import pytest
import torch

from zoo.benchmarks.plain_ntm import PlainNTM
from zoo.cli import benchmark
from zoo.errors import ZooError
from zoo.models.ntm import NeuralTuringMachine


def test_the_benchmark_compares_at_every_batch_size(tmp_path, capsys):
    path = tmp_path / "figures.json"
    benchmark.main(["ntm", "--length", "2", "--batch-size", "1", "3", "--threads", "1", "--repeats", "1", "--json", str(path)])
    figures = json.loads(path.read_text())["figures"]
    assert set(figures) == {"batch 1, threads 1", "batch 3, threads 1"}
    assert all(found["plain / zoo"] > 0 for found in figures.values())
    assert "sequences a second" in capsys.readouterr().out
    with pytest.raises(ZooError, match="length"):
        benchmark.main(["ntm", "--length", "0"])


def test_the_plain_machine_is_of_the_same_size_and_learns():
    model, x = PlainNTM(9, 8), torch.randn(2, 4, 9)
    assert model(x).shape == NeuralTuringMachine()(x).shape
    model(x).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())
