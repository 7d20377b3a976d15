import pytest

from zoo.benchmarks.cam import benchmark_cam


def test_forward_pass_maps_and_grad_cam_take_turns():
    pytest.importorskip("pytorch_grad_cam")
    figures = benchmark_cam(pictures=1, side=32, threads=1, repeats=1)
    assert {"forward pass", "zoo, scores and all maps", "grad-cam, one map"} < set(figures)
    assert figures["grad-cam / zoo"] > 0


def test_a_number_that_makes_no_benchmark_is_refused():
    with pytest.raises(ValueError, match="--side 8"):
        benchmark_cam(pictures=1, side=8, threads=1, repeats=1)
