import pytest
import torch

import zoo
from zoo.errors import ZooError


def test_forward_by_hand():
    model = zoo.get_model("mlp", inputs=2, widths=(1,), num_classes=1, activation="relu")
    first, head = model.features[1], model.head
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[1.0, -2.0]]))
        first.bias.fill_(0.5)
        head.weight.fill_(3.0)
        head.bias.fill_(-1.0)
    assert model(torch.tensor([[2.0, 1.0]])).item() == pytest.approx(3 * 0.5 - 1)
    assert model(torch.tensor([[0.0, 1.0]])).item() == pytest.approx(-1)


def test_srivastavas_network_has_the_papers_size():
    model = zoo.get_model("mlp", widths=(1024, 1024, 1024))
    assert sum(p.numel() for p in model.parameters()) == 785 * 1024 + 2 * 1025 * 1024 + 1025 * 10


def test_constrain_shortens_long_rows_and_leaves_short_ones():
    model = zoo.get_model("mlp", inputs=2, widths=(2,), max_norm=1.0)
    layer = model.features[1]
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[3.0, 4.0], [0.3, 0.4]]))
    model.constrain()
    assert torch.allclose(layer.weight, torch.tensor([[0.6, 0.8], [0.3, 0.4]]))


def test_constrain_survives_a_row_of_zeros():
    model = zoo.get_model("mlp", inputs=2, widths=(1,), max_norm=1.0)
    torch.nn.init.zeros_(model.features[1].weight)
    model.constrain()
    assert model.features[1].weight.isfinite().all()


def test_dropout_acts_in_training_alone():
    torch.manual_seed(0)
    model = zoo.get_model("mlp", dropout=0.5)
    x = torch.rand(4, 784)
    assert not torch.equal(model(x), model(x))
    model.eval()
    assert torch.equal(model(x), model(x))


@pytest.mark.parametrize("options", [{"dropout": 1.0}, {"input_dropout": -0.1}])
def test_impossible_dropout_is_refused(options):
    with pytest.raises(ValueError, match="share of units dropped"):
        zoo.get_model("mlp", **options)


@pytest.mark.parametrize("sizes", [{"inputs": 0}, {"widths": (3, 0)}])
def test_layers_without_units_are_refused(sizes):
    with pytest.raises(ZooError, match="smallest of the widths 0: must be at least 1"):
        zoo.get_model("mlp", **sizes)
