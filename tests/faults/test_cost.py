"""What the guards cost: the look at every step's numbers, and the saves."""

import pytest

from zoo.benchmarks.lenet import benchmark_epoch

pytestmark = pytest.mark.slow


def test_the_guards_cost_at_most_three_percent_of_an_epoch(report):
    figures = benchmark_epoch(pictures=12_800, batch_size=256, repeats=9)
    ratio = figures["seconds guarded / unguarded"]
    assert ratio <= 1.03
    report.add(
        "an epoch of LeNet-5 (12,800 pictures, batches of 256, CPU) with and without the guards, in turns",
        count=9,
        result=f"median ratio of seconds {ratio:.3f}",
    )
