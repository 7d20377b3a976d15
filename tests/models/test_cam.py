import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

import zoo
from zoo.errors import ZooError
from zoo.models.cam import NoGapHead, class_activation_map, rescaled
from zoo.models.explanation import explain
from zoo.models.grad_cam import _covers, grad_cam
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


@pytest.mark.parametrize(("height", "width", "shape"), [(40, 40, (10, 10)), (8, 24, (2, 6)), (100, 33, (26, 10)), (1, 1, (2, 2))])
def test_the_zoos_own_network_takes_any_size_and_gives_maps_at_a_quarter_of_it(height, width, shape):
    with torch.no_grad():
        assert class_activation_map(_gap_net(), torch.rand(2, 1, height, width)).map.shape == (2, 10, *shape)


@pytest.mark.parametrize("model", [_gap_net, lambda: _torchvision("resnet18"), lambda: _torchvision("googlenet")])
def test_grad_cam_is_the_class_activation_map_over_its_area(model):
    model = model()
    x = _picture(channels=1 if hasattr(model, "stem") else 3)
    label = torch.tensor([[3, 5], [7, 1]])
    whole = class_activation_map(model, x)
    maps = torch.stack([one[numbers] for one, numbers in zip(whole.map.detach(), label, strict=True)])
    found = grad_cam(model, x, label)
    assert torch.allclose(found.map * maps[0, 0].numel(), maps, rtol=1e-4, atol=1e-5 * float(maps.abs().max()))
    assert torch.allclose(found.score, whole.score, rtol=1e-4, atol=1e-5)
    assert found.layer == whole.head.features


ORACLE = {
    "resnet18": lambda: (_torchvision("resnet18"), "layer4"),
    "googlenet": lambda: (_torchvision("googlenet"), "inception5b"),
    "gap_net": lambda: (_gap_net(), "gated"),
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
        ("alexnet", "AlexNet was not seen to pool maps to one number each, by average pooling or by means or sums over the places"),
        ("mobilenet_v3_small", r"has 2 linear layers \(classifier.0, classifier.3\) after its pooling"),
        ("squeezenet1_1", "has no nn.Linear after its pooling"),
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


class _Between(_ByHand):
    """The same with something between the pooling and the linear layer."""

    def __init__(self, between):
        super().__init__()
        self.between = between

    def forward(self, x):
        return self.head(self.between(self.pool(x).flatten(1)))


@pytest.mark.parametrize("options", [{}, {"bias": False}, {"elementwise_affine": False}])
def test_a_norm_of_any_kind_is_a_part_of_the_maps(options):
    norm = nn.LayerNorm(2, **options)
    for parameter in norm.parameters():
        nn.init.uniform_(parameter, -1, 1)
    x = torch.rand(2, 2, 3, 4) + torch.tensor([0.0, 2.0])[:, None, None]  # means far enough apart to be told by
    found = class_activation_map(_Between(norm).eval(), x)
    assert torch.allclose(found.map.mean((2, 3)) + found.bias, found.score, atol=1e-5)
    assert found.head.norm == "between"


@torch.no_grad()
def test_a_norm_of_the_maps_before_they_are_flattened_is_a_part_of_them():
    class Early(_ByHand):
        def __init__(self):
            super().__init__()
            self.norm = nn.LayerNorm((2, 1, 1))
            self.norm.weight.copy_(torch.tensor([2.0, 3.0])[:, None, None])
            self.norm.bias.copy_(torch.tensor([1.0, -1.0])[:, None, None])

        def forward(self, x):
            return self.head(self.norm(self.pool(x)).flatten(1))

    x = torch.rand(2, 2, 3, 4) + torch.tensor([0.0, 2.0])[:, None, None]
    found = class_activation_map(Early().eval(), x)
    assert torch.allclose(found.map.mean((2, 3)) + found.bias, found.score, atol=1e-5)
    assert found.head.norm == "norm"


def test_a_norm_of_something_else_is_no_part_of_the_maps_and_auto_goes_on_to_grad_cam():
    class Late(_ByHand):
        def __init__(self):
            super().__init__()
            self.conv, self.norm = nn.Conv2d(2, 2, 1), nn.LayerNorm(2)

        def forward(self, x):
            return self.norm(super().forward(self.conv(x)))

    class Rows(Late):
        def forward(self, x):
            return self.head(self.norm(self.pool(self.conv(x)).flatten(1).T).T)

    for model in (Late(), Rows()):
        with pytest.raises(NoGapHead, match="something else lies between"):
            class_activation_map(model.eval(), torch.rand(2, 2, 3, 3))
        assert "Grad-CAM: maps of conv" in explain(model, torch.rand(2, 2, 3, 3), classes=1).how


POOLINGS = {
    "by name": lambda x: torch.mean(input=x, dim=(2, 3)),
    "flattened": lambda x: x.flatten(2).mean(2),
    "reshaped": lambda x: x.reshape(*x.shape[:2], -1).mean(-1),
    "by a module": lambda x: nn.Flatten(2)(x).mean(2),
    "pooled along one axis": lambda x: F.adaptive_avg_pool1d(x.flatten(2), 1).squeeze(2),
    "axis by axis": lambda x: x.mean(3).mean(2),
    "axis by axis, which stay": lambda x: x.mean(3, keepdim=True).mean(2, keepdim=True).flatten(1),
    "sum over number": lambda x: x.sum((2, 3)) / x[0, 0].numel(),
    "twice": lambda x: F.adaptive_avg_pool2d(F.adaptive_avg_pool2d(x, 1), 1).flatten(1),
    "thrice": lambda x: F.adaptive_avg_pool2d(x, 1).mean(3, keepdim=True).flatten(2).mean(2),
    "and then a mean": lambda x: F.adaptive_avg_pool2d(x, 1).mean((2, 3)),
}


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_is_seen_however_it_is_called(pooling):
    class Called(_ByHand):
        def forward(self, x):
            return self.head(POOLINGS[pooling](x.relu()))

    x = torch.rand(2, 2, 3, 4)
    assert torch.equal(class_activation_map(Called().eval(), x).map, class_activation_map(_ByHand().eval(), x).map)


def test_the_layer_before_a_flattened_pooling_is_named():
    model = nn.Sequential(nn.Conv2d(2, 2, 1), nn.Flatten(2), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(2, 3)).eval()
    assert class_activation_map(model, torch.rand(2, 2, 3, 4)).head.features == "0"


def test_maps_that_a_view_has_made_are_what_is_pooled():
    class Viewed(_ByHand):
        def forward(self, x):
            return super().forward(x.flatten(2).relu().view(*x.shape))

    x = torch.rand(2, 2, 3, 4)
    assert torch.equal(class_activation_map(Viewed().eval(), x).map, class_activation_map(_ByHand().eval(), x).map)


def test_sums_and_what_is_pooled_with_something_else_are_not_means():
    class Summed(_ByHand):
        def forward(self, x):
            return self.head(x.sum((2, 3)))

    class Both(_ByHand):
        def forward(self, x):
            return self.head(torch.cat([x[:, :1].amax((2, 3)), x[:, 1:].mean((2, 3))], dim=1))

    for model in (Summed(), Both()):
        with pytest.raises(NoGapHead, match="something else lies between"):
            class_activation_map(model.eval(), torch.rand(2, 2, 3, 4))


def test_half_precision_is_no_reason_to_refuse():
    x = torch.rand(2, 2, 7, 7)
    exact, rough = (class_activation_map(_ByHand().eval().to(dtype), x.to(dtype)).map for dtype in (torch.float32, torch.bfloat16))
    assert torch.allclose(rough.float(), exact, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("model", [lambda: _ByHand().eval(), _gap_net])
def test_autocast_is_no_reason_to_refuse(model):
    model = model()
    x = torch.rand(2, 1 if hasattr(model, "stem") else 2, 16, 16)
    exact = class_activation_map(model, x).map
    with torch.autocast("cpu", torch.bfloat16):
        rough = class_activation_map(model, x).map
    assert torch.allclose(rough.float(), exact, rtol=0, atol=0.05 * float(exact.detach().abs().max()))


METHODS = [class_activation_map, lambda model, x: grad_cam(model, x, 1), lambda model, x: explain(model, x, classes=1)]


@pytest.mark.parametrize("method", METHODS)
def test_a_model_in_training_mode_is_refused(method):
    with pytest.raises(ValueError, match=r"call model\.eval\(\) first"):
        method(_ByHand(), torch.rand(1, 2, 3, 3))


@pytest.mark.parametrize("method", METHODS)
def test_a_batch_without_pictures_is_refused(method):
    with pytest.raises(ValueError, match="the batch is empty"):
        method(_ByHand().eval(), torch.rand(0, 2, 3, 3))


@pytest.mark.parametrize("method", METHODS)
def test_scores_that_are_none_are_refused(method):
    class Several(_ByHand):
        def forward(self, x):
            return super().forward(x), x

    with pytest.raises(ValueError, match="Several gives no table of scores"):
        method(Several().eval(), torch.rand(1, 2, 3, 3))
    with pytest.raises(ValueError, match="_ByHand gives scores that are not finite"):
        method(_ByHand().eval(), torch.full((1, 2, 3, 3), torch.nan))


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


@pytest.mark.parametrize(
    ("build", "side", "places"),
    [
        (lambda: to_gap(_torchvision("alexnet"), num_classes=5), 128, 7),
        (lambda: to_gap(zoo.get_model("torchvision/alexnet"), num_classes=5), 128, 7),
        (lambda: to_gap(_torchvision("vgg11"), num_classes=5), 64, 4),
        (lambda: zoo.get_model("torchvision-gap/vgg11", num_classes=5), 64, 4),
    ],
)
def test_a_dense_head_is_swapped_for_pooling_at_twice_the_resolution(build, side, places):
    with torch.no_grad():
        found = class_activation_map(build().eval(), _picture(side=side))
    assert found.map.shape == (2, 5, places, places)
    assert (found.head.features, found.head.linear) == ("relu", "head")


@pytest.mark.parametrize("name", ["alexnet", *(f"vgg{depth}{norm}" for depth in (11, 13, 16, 19) for norm in ("", "_bn"))])
def test_a_network_with_the_new_head_has_torchvisions_layers_below_it_and_no_others(name):
    with torch.device("meta"):
        theirs = torchvision.models.get_model(name, weights=None, **({} if name == "alexnet" else {"init_weights": False}))
        ours = zoo.get_model(f"torchvision-gap/{name}", num_classes=3)
    assert repr(ours.features) == repr(theirs.features[:-1])
    assert {part for part, _ in ours.named_children()} == {"features", "conv", "relu", "pool", "head"}


def test_a_network_that_has_no_version_with_the_new_head_is_answered_with_the_nearest():
    with pytest.raises(ZooError, match="there is no torchvision-gap/vgg12; did you mean vgg"):
        zoo.get_model("torchvision-gap/vgg12")


def test_only_a_network_that_ends_in_max_pooling_gets_the_new_head():
    with pytest.raises(ValueError, match="ResNet has no features that end in max pooling"):
        to_gap(_torchvision("resnet18"))


def test_grad_cam_serves_networks_without_pooling():
    torch.manual_seed(0)
    found = grad_cam(zoo.get_model("lenet5").eval(), torch.randn(2, 1, 32, 32), [0, 1, 9])
    assert found.map.shape == (2, 3, 5, 5)
    assert found.map.isfinite().all()
    assert found.label.tolist() == [[0, 1, 9]] * 2


def test_a_layer_whose_channels_come_last_is_refused():
    model = _torchvision("swin_t")
    for side in (64, 224):
        with pytest.raises(ZooError, match=r"features\.1 gives is no map of the picture \(\d+ x 96 places.*channels come last"):
            explain(model, _picture(side=side, count=1), classes=1, layer="features.1")


@pytest.mark.parametrize(
    ("places", "pixels", "fits"),
    [
        ((7, 7), (224, 224), True),
        ((1, 2), (33, 64), True),
        ((28, 88), (40, 100), True),
        ((56, 96), (224, 224), False),
        ((4, 384), (64, 64), False),
    ],
)
def test_maps_have_the_proportions_of_the_picture_but_for_their_edges(places, pixels, fits):
    assert _covers(torch.Size(places), torch.Size(pixels)) == fits


def test_maps_that_the_scores_do_not_depend_on_are_told():
    class Idle(_ByHand):
        def __init__(self):
            super().__init__()
            self.idle = nn.Conv2d(2, 3, 1)

        def forward(self, x):
            self.idle(x)
            return super().forward(x)

    with pytest.raises(ZooError, match="scores of Idle do not depend on the maps of idle"):
        explain(Idle().eval(), torch.rand(1, 2, 4, 4), classes=1, method="grad-cam", layer="idle")


def test_a_frozen_network_can_be_explained():
    model = zoo.get_model("lenet5").eval()
    x = torch.randn(1, 1, 32, 32)
    maps = grad_cam(model, x, 2).map
    assert torch.equal(grad_cam(model.requires_grad_(False), x, 2).map, maps)


def test_classes_in_question_are_the_likeliest_or_those_that_exist():
    model, x = zoo.get_model("lenet5").eval(), torch.randn(2, 1, 32, 32)
    found = explain(model, x, classes=99)
    assert torch.equal(found.label, found.score.argsort(descending=True))
    for wrong in (10, -1):
        with pytest.raises(ValueError, match=f"there is no class {wrong}; the model has 10, from 0 to 9"):
            explain(model, x, classes=[3, wrong])


@pytest.mark.parametrize(
    ("classes", "complaint"),
    [
        (0, "the 0 likeliest classes were asked for"),
        (-1, "the -1 likeliest classes were asked for"),
        ([], r"classes of shape \(2, 0\)"),
        (torch.tensor(3), r"classes of shape \(\)"),
        (torch.tensor([3, 4]), r"classes of shape \(2,\): a tensor has a row for each of the 2 pictures"),
        (torch.tensor([[3]]), r"classes of shape \(1, 1\)"),
        (torch.tensor([[3], [4], [5]]), r"classes of shape \(3, 1\)"),
        (torch.zeros(2, 0, dtype=torch.long), r"classes of shape \(2, 0\)"),
        (torch.tensor([[3], [10]]), "there is no class 10"),
    ],
)
@pytest.mark.parametrize("name", ["lenet5", "gap_net"])
def test_what_names_no_classes_is_refused(name, classes, complaint):
    model, x = zoo.get_model(name).eval(), torch.randn(2, 1, 32, 32)
    with pytest.raises(ZooError, match=complaint):
        grad_cam(model, x, classes)
    with pytest.raises(ZooError, match=complaint):
        explain(model, x, classes=classes)


def test_each_picture_may_have_classes_of_its_own():
    model, x = _gap_net(), torch.randn(2, 1, 32, 32)
    label = torch.tensor([[3, 5], [7, 1]], dtype=torch.int32)
    assert torch.equal(explain(model, x, classes=label).label, label.long())


def test_the_maps_of_a_named_layer_are_those_before_the_next_one_writes_into_them():
    model, x = _torchvision("alexnet"), _picture(side=96)
    last = model.features[10]
    found = [grad_cam(model, x, 1, layer=layer).map for layer in (last, model.features[11])]
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    assert not torch.allclose(*found)
    assert torch.equal(found[0], grad_cam(model, x, 1, layer=last).map)


def test_maps_from_before_a_transformer_are_weighed_only_if_they_are_asked_for():
    options = {"num_layers": 1, "num_heads": 2, "hidden_dim": 16, "mlp_dim": 32}
    model = torchvision.models.VisionTransformer(image_size=64, patch_size=16, **options).eval()
    nn.init.normal_(model.heads.head.weight)
    with pytest.raises(
        ZooError, match=r"the last maps are those of conv_proj, after which VisionTransformer works on sequences .* --layer"
    ):
        explain(model, _picture(), classes=1)
    found = explain(model, _picture(), classes=1, layer="conv_proj")
    assert found.map.shape == (2, 1, 4, 4)
    assert found.how == "Grad-CAM: maps of conv_proj, weighed by their mean gradients"


def test_a_layer_must_exist_and_is_for_grad_cam():
    with pytest.raises(ZooError, match="layer gate2: the model has no such part; did you mean gate"):
        explain(_gap_net(), _picture(channels=1), classes=1, layer="gate2")
    with pytest.raises(ZooError, match="no such part; it is made of blocks, stem, deep, evidence, gate, gated, pool, head"):
        explain(_gap_net(), _picture(channels=1), classes=1, layer="§")
    with pytest.raises(ZooError, match="only Grad-CAM lets one choose"):
        explain(_gap_net(), _picture(channels=1), classes=1, layer="gate", method="cam")


def test_why_there_are_no_class_activation_maps_is_said_with_what_is_shown_instead():
    how = explain(_torchvision("mobilenet_v3_small"), _picture(), classes=1).how
    assert how.startswith("Grad-CAM: maps of features, weighed by their mean gradients; no class activation maps: MobileNetV3 has 2 linear")


def test_the_maps_that_grad_cam_weighs_are_named_or_chosen():
    model, x = zoo.get_model("lenet5").eval(), torch.randn(1, 1, 32, 32)
    assert explain(model, x, classes=1).how.startswith(f"Grad-CAM: maps of {grad_cam(model, x, 1).layer}, ")
    first = next(module for module in model.modules() if isinstance(module, nn.Conv2d))
    assert grad_cam(model, x, 1, layer=first).map.shape == (1, 1, 28, 28)


def test_grad_cam_of_a_network_without_maps_says_so():
    with pytest.raises(ValueError, match="no part of MLP"):
        grad_cam(zoo.get_model("mlp").eval(), torch.rand(2, 784, 1, 1), 1)
