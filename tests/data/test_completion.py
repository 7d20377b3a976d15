from dataclasses import replace

import pytest
import torch

from zoo.data.completion import PenaltyPath, draw_gapped
from zoo.data.completion_options import DigitGapOptions, SubspaceOptions
from zoo.errors import ZooError

OPTIONS = SubspaceOptions(subspaces=3, rank=2, dimensions=10, points=8)


def test_each_subspace_has_its_dimension_and_together_they_have_the_sum():
    points, _, label = draw_gapped(OPTIONS, seed=0)
    assert torch.linalg.matrix_rank(points) == 6
    for subspace in range(3):
        assert torch.linalg.matrix_rank(points[label == subspace]) == 2


def test_entries_are_of_variance_one():
    points = draw_gapped(replace(OPTIONS, points=3000), seed=0).points
    assert points.var().item() == pytest.approx(1, abs=0.05)


def test_points_and_gaps_follow_from_the_seed():
    first, again, other = (draw_gapped(OPTIONS, seed=seed) for seed in (0, 0, 1))
    assert all(torch.equal(one, two) for one, two in zip(first, again, strict=True))
    assert not torch.equal(first.points, other.points)


def test_the_share_that_is_missing_is_the_one_asked_for_and_the_points_are_the_same():
    few, many = (draw_gapped(replace(OPTIONS, points=300, missing=share), seed=0) for share in (0.1, 0.4))
    assert torch.equal(few.points, many.points)
    assert (~many.observed).float().mean().item() == pytest.approx(0.4, abs=0.02)
    assert not (~few.observed & many.observed).any()


def test_digits_come_in_equal_numbers():
    points, _, label = draw_gapped(DigitGapOptions(points=5), seed=0)
    assert points.shape == (50, 64)
    assert label.bincount().tolist() == [5] * 10


def test_more_digits_than_there_are_are_refused():
    with pytest.raises(ZooError, match=r"--data.points 500: of one digit there are only \d+"):
        draw_gapped(DigitGapOptions(points=500), seed=0)


def test_a_subspace_has_no_more_dimensions_than_its_space():
    with pytest.raises(ZooError, match=r"--data\.rank 6: a subspace of 5 dimensions"):
        SubspaceOptions(rank=6, dimensions=5)


def test_a_path_is_served_in_order():
    assert [float(penalty) for penalty, _ in PenaltyPath(torch.tensor([3.0, 2.0, 1.0])).train_dataloader()] == [3, 2, 1]
