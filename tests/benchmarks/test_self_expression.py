import json

import pytest

from zoo.cli import benchmark
from zoo.errors import ZooError

SMALL = ["--data.subspaces", "8", "--data.rank", "3", "--data.dimensions", "24", "--data.points", "15", "--data.missing", "0.15"]


def test_claims_are_measured_beside_nuclear_norm(tmp_path):
    path = tmp_path / "figures.json"
    benchmark.main(["self_expression", *SMALL, "--points", "4", "--seeds", "1", "--beginnings", "2", "--json", str(path)])
    record = json.loads(path.read_text())
    figures = record["figures"]
    high, few = figures["high rank"], figures["high rank, 4 points a subspace"]
    assert high["self-expression, relative error in the gaps"] < 0.1 < high["nuclear norm, relative error in the gaps"]
    assert few["self-expression, relative error in the gaps"] > high["self-expression, relative error in the gaps"]
    assert 0 < figures["random beginnings"]["largest distance in the gaps, as a share"] < 0.02
    assert record["command"].startswith("benchmark.py self_expression --data.subspaces 8")
    assert "json" not in record["command"]


def test_counts_are_checked():
    with pytest.raises(ZooError, match="--seeds"):
        benchmark.main(["self_expression", *SMALL, "--seeds", "0"])
    with pytest.raises(ZooError, match="--beginnings 1: must be at least 2"):
        benchmark.main(["self_expression", *SMALL, "--beginnings", "1"])


@pytest.mark.parametrize("flags", [["--json", "a b.json"], ["--json=a b.json"]])
def test_the_command_says_what_was_measured_and_not_where_it_was_written(flags):
    assert benchmark._command(["rbm", *flags, "--hidden", "5"]) == "benchmark.py rbm --hidden 5"
