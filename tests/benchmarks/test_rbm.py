import json

import pytest
import torch

from tests.cli.helpers import fails_with_one_line
from zoo.benchmarks import rbm
from zoo.cli import benchmark


def test_the_rbm_benchmark_writes_what_it_prints_and_leaves_the_threads_alone(tmp_path, capsys):
    threads = torch.get_num_threads()
    path = tmp_path / "figures.json"
    sizes = ["--pictures", "25", "--batch-size", "10", "--hidden", "4", "--threads", "1", "--repeats", "2"]
    benchmark.main(["rbm", *sizes, "--json", str(path)])
    figures = json.loads(path.read_text())["figures"]["threads 1"]
    assert figures["scikit-learn / zoo"] > 0
    assert set(figures["zoo"]) == {"median", "min", "max"}
    assert "zoo / five matrix products alone" in capsys.readouterr().out
    assert torch.get_num_threads() == threads


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused(capsys):
    assert "--device cuda: there is no such device" in fails_with_one_line(benchmark.main, ["rbm", "--device", "cuda"], capsys)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_the_share_of_the_products_is_reported():
    figures = rbm.benchmark_rbm(pictures=25, batch_size=10, hidden=4, threads=(1,), repeats=2, device="cuda")["threads 1"]
    assert figures["share of the five matrix products in zoo"] > 0
