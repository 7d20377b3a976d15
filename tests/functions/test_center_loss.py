import inspect

import pytest
import torch

from zoo.errors import ZooError
from zoo.functions.center_loss import center_loss, center_loss_native, center_update
from zoo.functions.draw import Draw


def test_value_by_hand():
    feature, center = torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([[0.0, 0.0], [3.0, 3.0]])
    assert center_loss(feature, torch.tensor([0, 0]), center).item() == 2.5


def test_update_by_hand():
    feature, center = torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([[0.0, 0.0], [3.0, 3.0]])
    update = center_update(feature, torch.tensor([0, 0]), center)
    assert torch.allclose(update, torch.tensor([[-1 / 3, -2 / 3], [0.0, 0.0]]))


def test_the_centers_step_is_no_gradient_but_the_gradient_over_one_more_than_the_count():
    draw = Draw()
    feature, center, label = draw.constant(6, 3), draw(4, 3), torch.tensor([0, 0, 0, 1, 3, 3])
    gradient = torch.autograd.grad(0.5 * (feature - center[label]).square().sum(), center)[0]
    update = center_update(feature, label, center)
    assert not torch.allclose(update, gradient)
    assert torch.allclose(update * (1 + torch.bincount(label, minlength=4))[:, None], gradient)


def test_absent_classes_do_not_move():
    draw = Draw()
    update = center_update(draw.constant(5, 3), torch.tensor([0, 1, 1, 0, 3]), draw.constant(4, 3))
    assert update[2].eq(0).all()
    assert update[[0, 1, 3]].ne(0).all()


def test_full_steps_take_a_center_to_the_mean_of_its_class():
    feature, label, center = Draw().constant(8, 3), torch.zeros(8, dtype=torch.long), torch.zeros(1, 3, dtype=torch.double)
    for _ in range(20):
        center -= center_update(feature, label, center)
    assert torch.allclose(center[0], feature.mean(0))


@pytest.mark.parametrize("step", [center_loss, center_update, center_loss_native])
def test_shapes_that_would_be_broadcast_are_refused(step):
    step = inspect.unwrap(step)  # past the shape checks that only tests have
    with pytest.raises(ZooError, match=r"features of shape \(3, 2\), labels of shape \(1,\)"):
        step(torch.zeros(3, 2), torch.tensor([0]), torch.zeros(4, 2))
    with pytest.raises(ZooError, match=r"centers of shape \(4, 1\): give each center as many coordinates"):
        step(torch.zeros(3, 2), torch.tensor([0, 1, 1]), torch.zeros(4, 1))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.bool, torch.float32])
@pytest.mark.parametrize("step", [center_loss, center_loss_native])
def test_labels_that_would_be_taken_for_a_mask_are_refused(step, dtype):
    label = torch.ones(3, dtype=dtype)  # as many as there are centers: a mask of bytes would fit
    with pytest.raises(ZooError, match=f"labels of type {dtype}: give whole numbers"):
        inspect.unwrap(step)(torch.zeros(3, 2), label, torch.zeros(3, 2))
