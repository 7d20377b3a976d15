import pytest
import torch

from zoo.errors import ZooError
from zoo.layers.context_windows import context_windows


def test_windows_repeat_the_frames_at_both_ends():
    frame = torch.tensor([[1.0], [2.0], [3.0]])
    assert context_windows(frame, width=5).tolist() == [[1, 1, 1, 2, 3], [1, 1, 2, 3, 3], [1, 2, 3, 3, 3]]
    with pytest.raises(ZooError, match="no middle"):
        context_windows(frame, width=4)
