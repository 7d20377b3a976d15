import pytest
import torch
import torchvision
from torch import nn

import zoo
from zoo.models.cam import class_activation_map, rescaled
from zoo.models.grad_cam import grad_cam
from zoo.models.to_gap import to_gap


def _torchvision(name):
    torch.manual_seed(0)
    options = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
    model = torchvision.models.get_model(name, weights=None, **options)
    for module in model.modules():  # or untrained activations fade away from layer to layer
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    return model.eval()


def _gap_net():
    torch.manual_seed(0)
    return zoo.get_model("gap_net").eval()


def _picture(channels=3, side=64, count=2):
    return torch.rand(count, channels, side, side, generator=torch.Generator().manual_seed(1))


class _ByHand(nn.Module):
    """Two maps that the test chooses, and weights that it knows."""

    def __init__(self):
        super().__init__()
        self.pool, self.head = nn.AdaptiveAvgPool2d(1), nn.Linear(2, 2)
        with torch.no_grad():
            self.head.weight.copy_(torch.tensor([[1.0, -1.0], [2.0, 3.0]]))
            self.head.bias.copy_(torch.tensor([0.5, -0.5]))

    def forward(self, x):
        return self.head(self.pool(x).flatten(1))


def test_a_map_is_the_weighted_sum_of_the_features():
    x = torch.tensor([[[[1.0, 2.0]], [[3.0, 5.0]]]])
    found = class_activation_map(_ByHand().eval(), x)
    assert found.map.tolist() == [[[[-2.0, -3.0]], [[11.0, 19.0]]]]
    assert found.score.tolist() == [[-2.0, 14.5]]
    assert found.bias.tolist() == [0.5, -0.5]


FITTING = {
    "resnet18": ("layer4", None, "fc"),
    "googlenet": ("inception5b", None, "fc"),
    "densenet121": ("features", None, "classifier"),
    "efficientnet_b0": ("features", None, "classifier.1"),
    "mobilenet_v2": ("features", None, "classifier.1"),
    "regnet_y_400mf": ("trunk_output", None, "fc"),
    "convnext_tiny": ("features", "classifier.0", "classifier.2"),
}


@pytest.mark.parametrize("name", FITTING)
@torch.no_grad()
def test_scores_are_the_means_of_their_maps_plus_the_bias(name):
    model, x = _torchvision(name), _picture()
    found = class_activation_map(model, x)
    assert torch.allclose(found.score, model(x), rtol=1e-4, atol=1e-5)
    assert torch.allclose(found.map.mean((2, 3)) + found.bias, found.score, rtol=1e-4, atol=1e-5 * float(found.score.abs().max()))
    assert (found.head.features, found.head.norm, found.head.linear) == FITTING[name]


def test_where_a_norm_stands_between_it_is_said():
    with torch.no_grad():
        assert "normalised by classifier.0" in str(class_activation_map(_torchvision("convnext_tiny"), _picture()).head)


def test_the_zoos_own_network_takes_any_size_and_gives_maps_at_a_quarter_of_it():
    with torch.no_grad():
        assert class_activation_map(_gap_net(), _picture(channels=1, side=40)).map.shape == (2, 10, 10, 10)


@pytest.mark.parametrize("model", [_gap_net, lambda: _torchvision("resnet18"), lambda: _torchvision("googlenet")])
def test_grad_cam_is_the_class_activation_map_over_its_area(model):
    model = model()
    x = _picture(channels=1 if hasattr(model, "stem") else 3)
    label = torch.tensor([3, 7])
    maps = class_activation_map(model, x).map[[0, 1], label].detach()
    assert torch.allclose(grad_cam(model, x, label) * maps[0].numel(), maps, rtol=1e-4, atol=1e-5 * float(maps.abs().max()))


ORACLE = {
    "resnet18": lambda: (_torchvision("resnet18"), "layer4"),
    "googlenet": lambda: (_torchvision("googlenet"), "inception5b"),
    "gap_net": lambda: (_gap_net(), "maps"),
}


@pytest.mark.parametrize("name", ORACLE)
def test_maps_equal_those_of_the_grad_cam_package(name):
    package = pytest.importorskip("pytorch_grad_cam")
    targets = pytest.importorskip("pytorch_grad_cam.utils.model_targets")
    model, layer = ORACLE[name]()
    x, label = _picture(channels=1 if name == "gap_net" else 3), torch.tensor([3, 7])
    ours = class_activation_map(model, x).map[torch.arange(2), label].detach()
    explainer = package.GradCAM(model=model, target_layers=[model.get_submodule(layer)])
    output = explainer.activations_and_grads(x)
    wanted = [targets.ClassifierOutputTarget(int(number)) for number in label]
    sum(target(row) for target, row in zip(wanted, output, strict=True)).backward()
    hooks = explainer.activations_and_grads
    raw = explainer.get_cam_image(x, None, wanted, hooks.activations[0].numpy(), hooks.gradients[0].numpy(), False)
    assert torch.allclose(torch.from_numpy(raw) * ours[0].numel(), ours, rtol=0, atol=1e-5 * float(ours.abs().max()))


@pytest.mark.parametrize("name", ORACLE)
def test_maps_equal_those_of_captum(name):
    attr = pytest.importorskip("captum.attr")
    model, layer = ORACLE[name]()
    x, label = _picture(channels=1 if name == "gap_net" else 3), torch.tensor([3, 7])
    ours = class_activation_map(model, x).map[torch.arange(2), label].detach()
    theirs = attr.LayerGradCam(model, model.get_submodule(layer)).attribute(x, target=label)[:, 0].detach()
    assert torch.allclose(theirs * ours[0].numel(), ours, rtol=0, atol=1e-5 * float(ours.abs().max()))


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("alexnet", "AlexNet does not pool its maps to one number each; use grad_cam, or to_gap"),
        ("mobilenet_v3_small", r"has 2 linear layers \(classifier.0, classifier.3\) after its pooling"),
        ("squeezenet1_1", "has no linear layer after its pooling"),
    ],
)
def test_a_network_that_does_not_fit_is_told_why(name, complaint):
    with torch.no_grad(), pytest.raises(ValueError, match=complaint):
        class_activation_map(_torchvision(name), _picture())


def test_something_unseen_between_pooling_and_scores_is_noticed():
    class Twisted(_ByHand):
        def forward(self, x):
            return super().forward(x).tanh()

    with pytest.raises(ValueError, match="something else lies between"):
        class_activation_map(Twisted().eval(), torch.rand(1, 2, 3, 3))


def test_a_model_in_training_mode_is_refused():
    with pytest.raises(ValueError, match=r"call model\.eval\(\) first"):
        class_activation_map(_ByHand(), torch.rand(1, 2, 3, 3))


def test_an_exception_in_the_model_leaves_no_hook_behind():
    with pytest.raises(RuntimeError):
        class_activation_map(_ByHand().eval(), torch.rand(1, 7, 3, 3))
    assert not torch.nn.modules.module._global_forward_hooks


def test_rectified_and_stretched_maps_are_asked_for_by_name():
    maps = torch.tensor([[-1.0, 1.0, 3.0]])
    assert rescaled(maps, relu=False, normalize=False) is maps
    assert rescaled(maps, relu=True, normalize=False).tolist() == [[0.0, 1.0, 3.0]]
    assert rescaled(maps, relu=False, normalize=True).tolist() == [[0.0, 0.5, 1.0]]
    assert rescaled(torch.ones(1, 3), relu=False, normalize=True).tolist() == [[0.0, 0.0, 0.0]]


def test_a_dense_head_is_swapped_for_pooling_at_twice_the_resolution():
    model = to_gap(_torchvision("alexnet"), num_classes=5).eval()
    with torch.no_grad():
        found = class_activation_map(model, _picture(side=128))
    assert found.map.shape == (2, 5, 7, 7)


def test_only_a_network_that_ends_in_max_pooling_gets_the_new_head():
    with pytest.raises(ValueError, match="ResNet has no features that end in max pooling"):
        to_gap(_torchvision("resnet18"))


def test_grad_cam_serves_networks_without_pooling():
    torch.manual_seed(0)
    maps = grad_cam(zoo.get_model("lenet5").eval(), torch.randn(2, 1, 32, 32), torch.tensor([0, 1]))
    assert maps.shape == (2, 5, 5)
    assert maps.isfinite().all()


def test_grad_cam_of_a_network_without_maps_says_so():
    with pytest.raises(ValueError, match="no part of MLP"):
        grad_cam(zoo.get_model("mlp").eval(), torch.rand(2, 784, 1, 1), torch.tensor([0, 1]))
