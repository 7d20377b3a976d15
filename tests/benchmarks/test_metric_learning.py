import json

import torch

from zoo.cli import benchmark


def test_the_metric_learning_benchmark_writes_what_it_prints_and_leaves_the_threads_alone(tmp_path, capsys):
    threads = torch.get_num_threads()
    path = tmp_path / "figures.json"
    sizes = ["--batch-size", "20", "--step-batch-size", "2", "--things", "30", "--repeats", "2"]
    benchmark.main(["metric_learning", *sizes, "--json", str(path)])
    figures = json.loads(path.read_text())["figures"]
    assert figures["loop over samples / center loss"] > 0
    assert set(figures["LeNets++ step, batch 2"]) == {"median", "min", "max"}
    assert "loop over pairs / all pairs" in capsys.readouterr().out
    assert torch.get_num_threads() == threads
