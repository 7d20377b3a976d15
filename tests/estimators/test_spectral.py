import torch

from zoo.estimators.spectral import spectral_labels
from zoo.metrics.subspaces import clustering_error


def test_parts_without_an_edge_between_them_are_told_apart():
    truth = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
    generator = torch.Generator().manual_seed(0)
    coefficient = torch.randn(12, 12, generator=generator) * (truth[:, None] == truth)
    assert clustering_error(spectral_labels(coefficient.fill_diagonal_(0), 3), truth) == 0


def test_a_point_that_nobody_uses_has_a_cluster_all_the_same():
    coefficient = torch.zeros(4, 4)
    coefficient[0, 1] = coefficient[1, 0] = 1
    assert len(spectral_labels(coefficient, 2)) == 4
