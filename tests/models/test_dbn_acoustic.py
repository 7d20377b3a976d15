import pytest
import torch

import zoo
from zoo.errors import ZooError


def _frames(count, features):
    return 5 + 3 * torch.randn(count, features, generator=torch.Generator().manual_seed(0))


def test_a_word_is_what_its_windows_say_together():
    model = zoo.get_model("dbn_acoustic", features=2, width=3, widths=(5,), num_classes=3)
    frame = _frames(4, 2)
    model.set_scale(frame.mean(0), frame.std(0))
    x = (frame - frame.mean(0)) / frame.std(0)
    window = torch.stack([x[[0, 0, 1]], x[[0, 1, 2]], x[[1, 2, 3]], x[[2, 3, 3]]]).flatten(1)
    assert torch.allclose(model.word_scores(frame), model(window).softmax(-1).log().sum(0), atol=1e-5)


def test_the_model_starts_where_pre_training_ended():
    stack = zoo.get_model("dbn", widths=(6, 5, 4), units="gaussian")
    model = zoo.get_model("dbn_acoustic", features=2, width=3, widths=(5, 4), num_classes=3)
    model.start_at(stack)
    window = _frames(7, 6)
    assert torch.allclose(model.network.features(window), stack.up(window))


def test_the_scale_is_saved_with_the_weights():
    model = zoo.get_model("dbn_acoustic", features=2, width=1, widths=(3,))
    assert {"mean", "deviation"} <= set(model.state_dict())


def test_frames_of_other_features_are_refused():
    model = zoo.get_model("dbn_acoustic", features=2, width=3, widths=(5,))
    with pytest.raises(ZooError, match="frames of 13 features, the model takes 2"):
        model.word_scores(_frames(4, 13))
