import json

import torch

from zoo.cli import benchmark


def test_the_benchmark_writes_what_it_prints_and_leaves_the_threads_alone(tmp_path, capsys):
    threads = torch.get_num_threads()
    path = tmp_path / "figures.json"
    sizes = ["--hidden", "4", "--window", "3", "--batch-size", "2", "--threads", "1", "--repeats", "1"]
    benchmark.main(["char_lstm", *sizes, "--json", str(path)])
    figures = json.loads(path.read_text())["figures"]["2x4"]
    for title in ("training", "writing one", "writing 2"):
        assert {"zoo, 1 thread", "nn.LSTM, 1 thread", "nn.LSTMCell, 1 thread"} < set(figures[title])
        assert figures[title]["zoo / best of the others (speed)"] > 0
    assert figures["characters a second, 2 / one"] > 0
    assert "characters a second" in capsys.readouterr().out
    assert torch.get_num_threads() == threads
