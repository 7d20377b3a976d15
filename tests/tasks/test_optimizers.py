import pytest
import torch

from zoo.tasks.optimizers import build_optimizer, build_schedule
from zoo.tasks.options import OptimizerOptions


def _rates(options, steps=100):
    optimizer = build_optimizer([torch.nn.Parameter(torch.zeros(1))], options)
    schedule = build_schedule(optimizer, options, steps=steps)
    rates = []
    for _ in range(steps + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


def test_one_cycle_rises_and_falls():
    rates = _rates(OptimizerOptions(lr=1.0, schedule="one-cycle", warmup=0.2))
    assert rates[0] == pytest.approx(1 / 25)
    assert max(rates) == rates[20] == pytest.approx(1.0)
    assert rates[-1] == pytest.approx(1e-5)


@pytest.mark.parametrize("schedule", ["cosine", "exponential"])
def test_annealing_ends_where_it_was_told(schedule):
    rates = _rates(OptimizerOptions(lr=0.1, schedule=schedule, final=1e-4))
    assert rates[0] == pytest.approx(0.1)
    assert rates[-1] == pytest.approx(1e-5)
    assert rates == sorted(rates, reverse=True)


def test_a_constant_rate_stays():
    assert set(_rates(OptimizerOptions(lr=0.1, schedule="constant"))) == {0.1}


def test_weight_decay_of_sgd_is_the_corrected_slide_formula():
    """Erratum E1: W - lr * lambda * W, not W - lambda * W; 0.1 and 0.01 leave 0.999 of a weight without gradient."""
    weight = torch.nn.Parameter(torch.ones(1, 1))
    optimizer = build_optimizer([weight], OptimizerOptions(name="sgd", lr=0.01, momentum=0.0, weight_decay=0.1))
    weight.grad = torch.zeros(1, 1)
    optimizer.step()
    assert weight.item() == pytest.approx(0.999)


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adam", "adamw"])
def test_kernels_decay_and_biases_do_not(name):
    layer = torch.nn.Conv1d(1, 1, 1)
    bias = layer.bias.detach().clone()
    optimizer = build_optimizer(layer.parameters(), OptimizerOptions(name=name, lr=0.01, weight_decay=0.1))
    before = layer.weight.abs().item()
    for parameter in layer.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    assert layer.weight.abs().item() < before
    assert torch.equal(layer.bias, bias)


@pytest.mark.parametrize(("name", "kind"), [("sgd", "SGD"), ("adam", "Adam"), ("adamw", "AdamW")])
def test_names_give_their_optimisers_and_frozen_weights_are_left_out(name, kind):
    frozen = torch.nn.Parameter(torch.zeros(1), requires_grad=False)
    optimizer = build_optimizer([torch.nn.Parameter(torch.zeros(1)), frozen], OptimizerOptions(name=name))
    assert type(optimizer).__name__ == kind
    assert len(optimizer.param_groups[0]["params"]) == 1


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_the_first_moment_of_adam_decays_as_the_options_say(name):
    (group,) = build_optimizer([torch.nn.Parameter(torch.ones(1))], OptimizerOptions(name=name, momentum=0.8)).param_groups
    assert group["betas"] == (0.8, 0.999)
