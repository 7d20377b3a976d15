import math
import statistics

import pytest
import torch

from zoo.errors import ZooError
from zoo.functions.partition_function import log_partition
from zoo.metrics.partition import annealed_log_partition, exact_log_partition, log_likelihood
from zoo.models.rbm import RBM


def _generator(seed=0):
    return torch.Generator().manual_seed(seed)


def _machine(visible, hidden, *, seed=0, units="bernoulli", scale=1.0):
    model, generator = RBM(visible=visible, hidden=hidden, units=units).requires_grad_(False), _generator(seed)
    for parameter in model.parameters():
        parameter.normal_(std=scale, generator=generator)
    return model


def test_the_exact_value_is_the_functions():
    model = _machine(5, 14)  # more hidden states than fit in a chunk
    parameters = (parameter.double() for parameter in model.parameters())
    assert exact_log_partition(model) == pytest.approx(float(log_partition(*parameters)), abs=1e-10)


def test_the_exact_value_of_gaussian_units_is_the_integral():
    model = _machine(1, 3, units="gaussian").double()
    visible = torch.linspace(-30, 30, 200_001, dtype=torch.double)[:, None]
    integral = torch.trapezoid((-model(visible)).exp(), visible[:, 0])
    assert exact_log_partition(model) == pytest.approx(float(integral.log()), abs=1e-9)


def test_twenty_hidden_units_are_enumerated():
    model = _machine(3, 20, scale=0.0)
    assert exact_log_partition(model) == pytest.approx(23 * math.log(2))


def test_too_many_hidden_units_are_refused():
    with pytest.raises(ZooError, match="23 hidden units have too many states"):
        exact_log_partition(_machine(3, 23))


@pytest.mark.parametrize("seed", range(10))
def test_annealing_comes_within_a_tenth_of_a_nat_of_ten_machines(seed):
    model = _machine(20, 12, seed=seed)
    found = annealed_log_partition(model, data_mean=torch.full((20,), 0.5), generator=_generator(seed), chains=200, temperatures=1000)
    assert abs(found.value - exact_log_partition(model)) < 0.1
    assert found.low <= found.value <= found.high


def test_annealing_gaussian_units_comes_within_a_tenth_of_a_nat():
    model = _machine(8, 6, units="gaussian", scale=0.4)
    found = annealed_log_partition(model, data_mean=torch.zeros(8), generator=_generator(), chains=200, temperatures=1000)
    assert abs(found.value - exact_log_partition(model)) < 0.1


def test_the_interval_covers_the_truth_about_as_often_as_three_standard_errors_do():
    model = _machine(10, 6, scale=0.4)
    exact = exact_log_partition(model)
    found = [
        annealed_log_partition(model, data_mean=torch.full((10,), 0.3), generator=_generator(seed), chains=50, temperatures=100)
        for seed in range(30)
    ]
    assert sum(each.low <= exact <= each.high for each in found) >= 27
    assert statistics.median(each.high - each.low for each in found) < 0.5  # and says something


def test_a_machine_that_is_its_base_rate_model_is_known_at_once():
    model = _machine(6, 4, scale=0.0)
    model.start_at(torch.full((6,), 0.3))
    found = annealed_log_partition(model, data_mean=torch.full((6,), 0.3), generator=_generator(), chains=2, temperatures=3)
    assert found.value == pytest.approx(exact_log_partition(model), abs=1e-5)
    assert found.low == pytest.approx(found.high, abs=1e-5)


def test_few_chains_with_one_temperature_admit_that_they_know_no_lower_end():
    model = _machine(20, 12, scale=3.0)
    found = annealed_log_partition(model, data_mean=torch.full((20,), 0.5), generator=_generator(), chains=5, temperatures=1)
    assert found.low == -math.inf


def test_likelihoods_of_all_pictures_sum_to_one():
    model = _machine(3, 4)
    pictures = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3)
    log_z = exact_log_partition(model)
    assert sum(math.exp(log_likelihood(model, picture[None], log_z)) for picture in pictures) == pytest.approx(1, abs=1e-5)


def test_means_of_other_data_are_refused():
    with pytest.raises(ZooError, match="3 values, the machine has 6 visible units"):
        annealed_log_partition(_machine(6, 4), data_mean=torch.full((3,), 0.5), generator=_generator())
