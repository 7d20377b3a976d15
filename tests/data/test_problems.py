"""Problems of the parts of the data: what one is chosen by, another does not hold."""

from itertools import combinations

import pytest
import torch

from zoo.data.problems import fixed_problems, load_family

PARTS = ("validation", "tuning", "test")


@pytest.mark.parametrize("kind", ["quadratic", "quadratic-uniform", "rosenbrock", "logistic", "digits-network"])
def test_each_part_has_problems_of_its_own(kind):
    starts = {part: fixed_problems(load_family(kind, part), part, 3, steps=4).start for part in PARTS}
    for first, second in combinations(PARTS, 2):
        assert not torch.isclose(starts[first], starts[second]).all(1).any(), (first, second)


def test_the_test_pictures_are_in_no_other_part():
    rows = {
        part: {tuple(row) for row in load_family("digits-network", part).x.tolist()} for part in ("train", "validation", "tuning", "test")
    }
    assert rows["validation"] == rows["tuning"]
    assert not rows["test"] & rows["validation"]
    assert not rows["test"] & rows["train"]
    assert not rows["train"] & rows["validation"]


def test_fixed_problems_are_the_same_whenever_they_are_drawn():
    family = load_family("quadratic", "test")
    first, again = (fixed_problems(family, "test", 2, steps=4) for _ in range(2))
    assert torch.equal(first.start, again.start)
    assert all(torch.equal(a, b) for a, b in zip(first.fixed, again.fixed, strict=True))
