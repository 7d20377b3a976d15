import torch

from zoo.models.gap_net import GapNet


def test_no_class_has_evidence_where_the_picture_is_background():
    torch.manual_seed(0)
    model, x = GapNet(), torch.zeros(4, 1, 64, 64)
    x[:, :, 16:32, 24:36] = torch.rand(4, 1, 16, 12)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    for _ in range(3):  # what is learnt cannot open a gate there either
        torch.nn.functional.cross_entropy(model(x), torch.arange(4)).backward()
        optimizer.step()
    evidence = model.eval().features(x).abs().sum(1)
    assert (evidence[:, 4:8, 6:9] > 0).any()
    evidence[:, 4:8, 6:9] = 0
    assert not evidence.any()
