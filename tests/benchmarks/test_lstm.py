import json

import torch

from zoo.cli import benchmark


def test_the_lstm_benchmark_writes_what_it_prints_and_leaves_the_threads_alone(tmp_path, capsys):
    threads = torch.get_num_threads()
    path = tmp_path / "figures.json"
    benchmark.main(
        ["lstm", "--steps", "3", "--batch-size", "2", "--hidden", "4", "8", "--threads", "1", "--repeats", "2", "--json", str(path)]
    )
    figures = json.loads(path.read_text())["figures"]
    assert set(figures) == {"hidden 4, threads 1", "hidden 8, threads 1"}
    for found in figures.values():
        assert found["zoo / nn.LSTM"] > 0
        assert set(found["zoo"]) == {"median", "min", "max"}
    assert "loop over nn.LSTMCell / zoo" in capsys.readouterr().out
    assert torch.get_num_threads() == threads
