import json

import pytest
import torch
import torch.nn.functional as F

from zoo.benchmarks.plain_ntm import PlainNTM
from zoo.cli import benchmark
from zoo.data.algorithmic import copy
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
    torch.manual_seed(0)
    model, other = PlainNTM(9, 8), NeuralTuringMachine()
    sizes = [sum(each.numel() for each in machine.parameters()) for machine in (model, other)]
    assert abs(sizes[0] / sizes[1] - 1) < 0.01
    x, target, asked = copy(4, 3, torch.Generator().manual_seed(0))
    assert model(x).shape == other(x).shape
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=1e-2), []
    for _ in range(40):
        losses.append(F.binary_cross_entropy_with_logits(model(x)[:, asked], target[:, asked]))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.5 * losses[0]
