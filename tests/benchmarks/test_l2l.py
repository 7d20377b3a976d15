import json

import torch

from zoo.cli import benchmark


def test_the_l2l_benchmark_writes_what_it_prints_and_leaves_the_threads_alone(tmp_path, capsys):
    threads = torch.get_num_threads()
    path = tmp_path / "figures.json"
    sizes = ["--parameters", "300", "--problems", "2", "--unroll", "2", "--threads", "1", "--repeats", "2"]
    benchmark.main(["l2l", *sizes, "--json", str(path)])
    figures = json.loads(path.read_text())["figures"]["threads 1"]
    assert figures["training"]["plain loop over problems / zoo"] > 0
    assert figures["step, a network of three layers"]["learned / Adam, foreach"] > 0
    assert "steps a second" in capsys.readouterr().out
    assert torch.get_num_threads() == threads
