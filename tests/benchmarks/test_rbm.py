import json

import torch

from zoo.cli import benchmark


def test_the_rbm_benchmark_writes_what_it_prints_and_leaves_the_threads_alone(tmp_path, capsys):
    threads = torch.get_num_threads()
    path = tmp_path / "figures.json"
    sizes = ["--pictures", "25", "--batch-size", "10", "--hidden", "4", "--threads", "1", "--repeats", "2"]
    benchmark.main(["rbm", *sizes, "--json", str(path)])
    figures = json.loads(path.read_text())["threads 1"]
    assert figures["scikit-learn / zoo"] > 0
    assert set(figures["zoo"]) == {"median", "min", "max"}
    assert "zoo / five matrix products alone" in capsys.readouterr().out
    assert torch.get_num_threads() == threads
