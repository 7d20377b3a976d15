import threading

import pytest
import torch
from torch import nn

import zoo
from zoo.bounded import build_for
from zoo.errors import ZooError
from zoo.layers.linear import Linear


def test_weights_come_back():
    model = Linear(3, 2)
    found = build_for(model.state_dict(), lambda: Linear(3, 2))
    assert torch.equal(found.weight, model.weight)
    assert found.weight.device.type == "cpu"


def test_a_model_that_no_memory_holds_is_given_up():
    with pytest.raises(ZooError, match="the weight of a Linear is more than the file of weights has left"):
        build_for(Linear(3, 2).state_dict(), lambda: Linear(10**6, 10**6))


def test_a_model_without_end_is_given_up():
    def endless():
        return nn.Sequential(*(Linear(100, 100) for _ in iter(int, 1)))

    with pytest.raises(ZooError, match="more than the file"):
        build_for({}, endless)


def test_a_model_of_countless_small_parts_is_given_up():
    with pytest.raises(ZooError, match="more than the file"):
        build_for({}, lambda: nn.Sequential(*(Linear(1, 1) for _ in iter(int, 1))))


def test_weights_of_another_model_are_refused():
    with pytest.raises(RuntimeError, match="size mismatch"):
        build_for(Linear(3, 2).state_dict(), lambda: Linear(3, 1))


def test_what_other_threads_build_meanwhile_does_not_count():
    def build():
        thread = threading.Thread(target=lambda: zoo.get_model("mlp", widths=(2000, 2000)))
        thread.start()
        thread.join()
        return Linear(3, 2)

    assert build_for(Linear(3, 2).state_dict(), build).out_features == 2
