import contextlib

import pytest
import torch

import zoo
from zoo.data.digits import load_digits
from zoo.functions import native
from zoo.functions.map_loss import map_loss
from zoo.layers.input_transform import InputTransform
from zoo.models.lenet import C3_TABLE


def test_trainable_parameters_are_those_of_the_paper_layer_by_layer():
    model = zoo.get_model("lenet5")
    counts = {}
    for name, parameter in model.named_parameters():
        layer = name.split(".")[1]
        counts[layer] = counts.get(layer, 0) + parameter.numel()
    assert counts == {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48120, "f6": 10164}
    assert sum(counts.values()) == 60_000


def test_the_table_has_the_papers_numbers_of_connections():
    assert [len(row) for row in C3_TABLE] == [3] * 6 + [4] * 9 + [6]
    seen_by = [sum(into in row for row in C3_TABLE) for into in range(6)]
    assert seen_by == [10] * 6


def test_scores_of_the_rbf_head_are_minus_squared_distances():
    model = zoo.get_model("lenet5").eval()
    score = model(torch.randn(3, 1, 32, 32))
    assert score.shape == (3, 10)
    assert (score <= 0).all()


def test_local_fields_start_with_about_unit_variance():
    torch.manual_seed(0)
    model = zoo.get_model("lenet5")
    x = torch.randn(64, 1, 32, 32)
    field = model.features.c1(x)
    assert field.std().item() == pytest.approx(1.0, abs=0.2)


def test_the_rbf_head_refuses_other_classes_than_digits():
    with pytest.raises(ValueError, match="ten digits, not for 7 classes"):
        zoo.get_model("lenet5", num_classes=7)


def test_the_linear_head_takes_any_number_of_classes():
    assert zoo.get_model("lenet5", num_classes=7, head="linear")(torch.zeros(1, 1, 32, 32)).shape == (1, 7)


def test_a_hundred_steps_with_manual_and_with_native_gradients_give_the_same_losses():
    """In double precision, from one seed: what training accumulates of rounding stays below a millionth."""
    data = load_digits().train
    transform = InputTransform(size=32, content=28, background=-0.1, ink=1.175)
    image, label = transform(data.input[:800]).double(), data.label[:800]
    losses = []
    for side in (native, contextlib.nullcontext):
        torch.manual_seed(0)
        model = zoo.get_model("lenet5").double()
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        with side():
            losses.append([])
            for step in range(100):
                batch = torch.arange(8) + 8 * step
                loss = map_loss(model(image[batch]), label[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses[-1].append(loss.item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert losses[0][-1] < losses[0][0] / 2
