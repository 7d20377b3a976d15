import pytest
import torch

from zoo.data.sets import Labelled
from zoo.errors import ZooError


@pytest.mark.parametrize(
    ("pictures", "labels", "message"),
    [(0, 0, "the data set has no samples"), (3, 2, "3 pictures but 2 labels")],
)
def test_sets_that_nothing_can_learn_from_are_refused(pictures, labels, message):
    with pytest.raises(ZooError, match=message):
        Labelled(torch.zeros(pictures, 4), torch.zeros(labels, dtype=torch.long))
