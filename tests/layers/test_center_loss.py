import inspect

import pytest
import torch
import torch.distributed as dist

from zoo.errors import ZooError
from zoo.functions.center_loss import center_update
from zoo.layers.center_loss import CenterLoss

FEATURE = torch.tensor([[1.0, 0.0], [0.0, 2.0], [4.0, 3.0]])
LABEL = torch.tensor([0, 0, 2])


def _layer(update="paper"):
    layer = CenterLoss(3, 2, update=update)
    layer.center.data.copy_(torch.tensor([[0.0, 0.0], [5.0, 5.0], [4.0, 4.0]]))
    return layer


def test_the_loss_is_half_the_mean_squared_distance():
    assert _layer()(FEATURE, LABEL).item() == pytest.approx((1 + 4 + 1) / 6)


def test_the_papers_direction_divides_by_one_more_than_the_count():
    layer = _layer()
    layer.direct(FEATURE, LABEL)
    assert torch.allclose(layer.center.grad, torch.tensor([[-1 / 3, -2 / 3], [0, 0], [0, 1 / 2]]))
    assert torch.equal(layer.center.grad, center_update(FEATURE, LABEL, layer.center.detach()))


def test_the_plain_gradient_is_that_of_the_loss():
    layer = _layer("gradient")
    layer.direct(FEATURE, LABEL)
    center = layer.center.detach().clone().requires_grad_()
    (0.5 * (FEATURE - center[LABEL]).square().sum() / len(LABEL)).backward()
    assert torch.allclose(layer.center.grad, center.grad)


def test_no_gradient_and_no_weight_of_the_loss_reaches_the_centers():
    layer, feature = _layer(), FEATURE.clone().requires_grad_()
    (1000 * layer(feature, LABEL)).backward()
    assert layer.center.grad is None
    assert not layer.center.requires_grad
    assert feature.grad.abs().sum() > 0


def test_half_precision_features_are_measured_in_the_centers_precision():
    assert _layer()(FEATURE.to(torch.bfloat16), LABEL).dtype == torch.float


@pytest.mark.parametrize("update", ["paper", "gradient"])
def test_two_processes_move_the_centers_as_one_with_all_their_samples_does(monkeypatch, update):
    whole, mine, theirs = (_layer(update) for _ in range(3))
    whole.direct(FEATURE, LABEL)
    sent = []
    monkeypatch.setattr(dist, "is_initialized", lambda: True)
    monkeypatch.setattr(dist, "all_reduce", lambda tensor: sent.append(tensor.clone()))
    theirs.direct(FEATURE[1:], LABEL[1:])
    monkeypatch.setattr(dist, "all_reduce", lambda tensor: tensor.add_(sent.pop(0)))
    mine.direct(FEATURE[:1], LABEL[:1])
    assert torch.allclose(mine.center.grad, whole.center.grad)


@pytest.mark.parametrize(("label", "named"), [(3, 3), (-1, -1)])
def test_labels_without_a_center_are_refused(label, named):
    layer = _layer()
    for use in (layer.forward, layer.direct):
        with pytest.raises(ZooError, match=f"label {named}: there are centers of 3 classes, 0 to 2"):
            use(FEATURE[:1], torch.tensor([label]))


def test_bad_numbers_are_refused():
    with pytest.raises(ZooError, match="num_classes 1: must be at least 2"):
        CenterLoss(1, 2)
    with pytest.raises(ZooError, match="no update 'adam' of the centers; there are paper, gradient"):
        inspect.unwrap(CenterLoss.__init__)(_layer(), 3, 2, update="adam")  # past the check of types that only tests have


def test_an_empty_batch_costs_nothing_and_moves_nothing():
    layer = _layer()
    nothing = torch.zeros(0, 2), torch.zeros(0, dtype=torch.long)
    assert layer(*nothing).item() == 0
    layer.direct(*nothing)
    assert layer.center.grad.eq(0).all()
