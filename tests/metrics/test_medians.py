import torch

from zoo.metrics.medians import median_interval


def test_the_interval_of_equal_values_is_their_value():
    assert median_interval(torch.full((20,), 3.0)) == (3.0, 3.0, 3.0)


def test_the_interval_covers_the_true_median_about_as_often_as_it_says():
    generator = torch.Generator().manual_seed(0)
    found = [median_interval(torch.randn(20, generator=generator)) for _ in range(200)]
    assert 0.88 < sum(each.low <= 0 <= each.high for each in found) / len(found) < 0.99


def test_one_seed_that_diverged_does_not_move_the_median_far():
    value = torch.cat([torch.linspace(0, 1, 19), torch.tensor([1e30])])
    assert median_interval(value).high < 1.1
