import pytest
import torch

from zoo.metrics.clusters import class_distances


def test_distances_by_hand():
    feature = torch.tensor([[0.0, 0.0], [2.0, 0.0], [5.0, 4.0], [5.0, 4.0]])
    within, between = class_distances(feature, torch.tensor([3, 3, 7, 7]))
    assert within == 0.5  # one to either mean of the first class, none in the second
    assert between == pytest.approx((4**2 + 4**2) ** 0.5)


def test_classes_count_alike_whatever_their_number_of_samples():
    feature = torch.tensor([[0.0], [2.0], [10.0], [10.0], [10.0], [10.0]])
    assert class_distances(feature, torch.tensor([0, 0, 1, 1, 1, 1])).within == 0.5


def test_a_sample_alone_is_no_tight_class():
    feature = torch.tensor([[0.0], [2.0], [9.0]])
    assert class_distances(feature, torch.tensor([0, 0, 1])).within == 1
    assert class_distances(feature, torch.tensor([0, 1, 2])).within.isnan()


def test_their_quotient_does_not_change_with_the_scale():
    feature, label = torch.randn(20, 3, generator=torch.Generator().manual_seed(0)), torch.arange(20) % 4
    (a, b), (c, d) = class_distances(feature, label), class_distances(7 * feature, label)
    assert a / b == pytest.approx(float(c / d))
