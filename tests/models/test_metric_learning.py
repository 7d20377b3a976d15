import pytest
import torch

import zoo
from zoo.errors import ZooError


def test_lenets_pp_has_the_papers_layers():
    model = zoo.get_model("center_loss")
    shapes = [tuple(module.weight.shape) for module in model.modules() if isinstance(module, torch.nn.Conv2d)]
    assert shapes == [(32, 1, 5, 5), (32, 32, 5, 5), (64, 32, 5, 5), (64, 64, 5, 5), (128, 64, 5, 5), (128, 128, 5, 5)]
    assert model.embedding.weight.shape == (2, 128 * 3 * 3)
    assert model.head.bias is None


def test_directions_of_the_classes_start_evenly_spread_in_the_plane():
    weight = zoo.get_model("center_loss", num_classes=4).head.weight
    assert torch.allclose(weight, torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]), atol=1e-6)


def test_scores_are_those_of_the_features():
    model, x = zoo.get_model("center_loss", widths=(4, 8), side=12), torch.randn(3, 1, 12, 12)
    assert torch.equal(model(x), model.head(model.embed(x)))


def test_a_picture_that_pooling_would_make_nothing_of_is_refused():
    with pytest.raises(ZooError, match="3 widths are that many stages, which halve a side of 7 to nothing"):
        zoo.get_model("center_loss", side=7)


def test_scores_of_no_class_are_refused():
    with pytest.raises(ZooError, match="num_classes 0: must be at least 1"):
        zoo.get_model("center_loss", num_classes=0)


@pytest.mark.parametrize("widths", [(), (0, 4)])
def test_stages_without_maps_are_refused(widths):
    with pytest.raises(ZooError, match="the smallest of the widths 0: must be at least 1"):
        zoo.get_model("center_loss", widths=widths)


@pytest.mark.parametrize("branch", ["linear", "convolutional"])
def test_the_table_holds_every_pair_of_two_unlike_domains(branch):
    model = zoo.get_model("generalized_similarity", branch=branch).eval()
    x, y = torch.randn(2, 1, 28, 28), torch.randn(3, 1, 16, 16)
    pairs = torch.cat([x.flatten(1).repeat_interleave(3, 0), y.flatten(1).repeat(2, 1)], 1)
    assert torch.allclose(model.table(x, y).flatten(), model(pairs), atol=1e-5)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"branch": "convolutional", "y_shape": (1, 8, 8)}, "takes pictures of 16 x 16 at least"),
        ({"branch": "identity", "features": 5}, "an identity passes on its 784 values; features=5 must be as many"),
        ({"rank": 0}, "rank 0: must be at least 1"),
    ],
)
def test_impossible_branches_and_measures_are_refused(options, complaint):
    with pytest.raises(ZooError, match=complaint):
        zoo.get_model("generalized_similarity", **options)
