import pytest
import torch

from zoo.models.recall import Recall
from zoo.tasks.language_options import RecallTaskOptions
from zoo.tasks.recall import RecallTask


def test_each_network_is_clipped_by_itself():
    task = RecallTask(Recall(keys=8, noise=8, hidden=4), RecallTaskOptions(clip=0.5))
    small, large = task.model.plain, task.model.lstm
    for network, value in ((small, 1e-4), (large, 1.0)):
        for parameter in network.parameters():
            parameter.grad = torch.full_like(parameter, value)
    task.configure_gradient_clipping()
    assert float(next(small.parameters()).grad.max()) == pytest.approx(1e-4)
    assert float(torch.nn.utils.get_total_norm([p.grad for p in large.parameters()])) == pytest.approx(0.5, rel=1e-4)
