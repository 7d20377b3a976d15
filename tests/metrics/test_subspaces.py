import pytest
import torch

from zoo.metrics.subspaces import clustering_error, completion_error


def test_only_the_gaps_count():
    truth, completed = torch.tensor([[3.0, 1.0], [4.0, 1.0]]), torch.tensor([[3.0, 9.0], [3.0, 9.0]])
    assert completion_error(completed, truth, torch.tensor([[True, False], [True, False]])) == pytest.approx(1 / 5)


def test_zeros_in_the_gaps_have_an_error_of_one():
    truth = torch.tensor([[3.0, 1.0]])
    assert completion_error(torch.tensor([[0.0, 1.0]]), truth, torch.tensor([[True, False]])) == 1


def test_the_names_of_clusters_do_not_count():
    label = torch.tensor([0, 0, 0, 1, 1, 2])
    assert clustering_error(torch.tensor([2, 2, 2, 0, 0, 1]), label) == 0
    assert clustering_error(torch.tensor([2, 2, 0, 0, 0, 1]), label) == pytest.approx(1 / 6)


def test_a_cluster_too_many_costs_its_points():
    assert clustering_error(torch.tensor([0, 1, 2, 2]), torch.tensor([0, 0, 1, 1])) == 0.25
