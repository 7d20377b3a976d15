import torch

import zoo
from zoo.models.dbn_acoustic import AcousticModel


def test_a_word_is_what_its_windows_say_together():
    model = zoo.get_model("dbn_acoustic", inputs=6, widths=(5,), num_classes=3)
    window = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(model.word_scores(window), model(window).softmax(-1).log().sum(0), atol=1e-6)


def test_the_model_starts_where_pre_training_ended():
    stack = zoo.get_model("dbn", widths=(6, 5, 4), units="gaussian")
    model = AcousticModel.from_stack(stack, num_classes=3)
    window = torch.randn(7, 6, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(model.network.features(window), stack.up(window))
