import functools

import pytest
import torch
from torchvision import models

import zoo
from zoo.bounded import build_for
from zoo.models.contract import Classifier
from zoo.models.torchvision_classifier import input_transform
from zoo.registry import load_trained

NAME = "shufflenet_v2_x0_5"


def _state(tmp_path, num_classes=1000, name=NAME, **options):
    torch.manual_seed(0)
    network = models.get_model(name, weights=None, num_classes=num_classes, **options)
    torch.save(network.state_dict(), tmp_path / "w.pth")
    return network.eval(), tmp_path / "w.pth"


@pytest.mark.parametrize(
    ("name", "options"),
    [(NAME, {}), ("googlenet", {"transform_input": True, "init_weights": False})],  # as torchvision loads its own
)
def test_weights_of_a_file_give_torchvisions_own_scores_and_labels(tmp_path, name, options):
    network, path = _state(tmp_path, name=name, **options)
    trained = load_trained(f"torchvision/{name}", weights=path)
    x = torch.rand(2, 3, 64, 64)
    assert torch.equal(trained.model(x), network(x))
    assert len(trained.meta.labels) == 1000
    assert trained.meta.labels[207] == "golden retriever"


def test_pictures_are_normalised_as_torchvision_does(tmp_path):
    _, path = _state(tmp_path)
    picture = torch.randint(0, 256, (1, 3, 224, 224), dtype=torch.uint8)
    ours = load_trained(f"torchvision/{NAME}", weights=path).transform(picture)
    theirs = models.get_model_weights(NAME).DEFAULT.transforms(crop_size=224, resize_size=224)(picture)
    assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("name", models.list_models(module=models))
def test_every_network_sees_pictures_as_its_default_weights_do(name):
    preset = models.get_model_weights(name).DEFAULT.transforms()
    (side,) = preset.crop_size
    picture = torch.randint(0, 256, (1, 3, side, side), dtype=torch.uint8)
    theirs = (picture / 255 - torch.tensor(preset.mean)[:, None, None]) / torch.tensor(preset.std)[:, None, None]
    assert torch.allclose(input_transform(name)(picture), theirs, atol=1e-5)
    assert zoo.registry.entry(f"torchvision/{name}").example().shape == (2, 3, side, side)


def test_a_network_built_by_its_record_shifts_its_input_as_the_loaded_one_did(tmp_path):
    _, path = _state(tmp_path, name="googlenet", transform_input=True, init_weights=False)
    trained = load_trained("torchvision/googlenet", weights=path)
    again = zoo.get_model(trained.meta.arch, **trained.meta.options).eval()
    again.load_state_dict(trained.model.state_dict())
    x = torch.rand(1, 3, 64, 64)
    assert torch.equal(again(x), trained.model(x))
    assert not zoo.get_model("torchvision/googlenet").network.transform_input


def test_tables_of_positions_are_of_the_pictures_size():
    with torch.device("meta"):  # 632 million weights, of which only the shapes matter
        network = zoo.get_model("torchvision/vit_h_14").network
    assert network.encoder.pos_embedding.shape[1] == 1 + (518 // 14) ** 2


def test_a_head_without_bias_is_loaded_and_exchanged(tmp_path):
    torch.save(models.get_model("maxvit_t", weights=None, num_classes=7).state_dict(), tmp_path / "w.pth")
    trained = load_trained("torchvision/maxvit_t", weights=tmp_path / "w.pth")
    assert trained.meta.labels == list("0123456")
    trained.model.reset_head(3)
    head = trained.model.network.get_submodule(trained.model.head_name)
    assert head.bias is None
    assert head.weight.shape == (3, 512)


def test_a_wide_head_for_few_classes_is_built_from_its_weights_alone():
    build = functools.partial(zoo.get_model, "torchvision/resnet50", num_classes=3)
    assert build_for(build().state_dict(), build).network.fc.out_features == 3


def test_weights_for_other_classes_come_with_numbers_for_names(tmp_path):
    _, path = _state(tmp_path, num_classes=7)
    assert load_trained(f"torchvision/{NAME}", weights=path).meta.labels == list("0123456")


def test_the_head_can_be_exchanged():
    model = zoo.get_model(f"torchvision/{NAME}")
    assert isinstance(model, Classifier)
    model.reset_head(3)
    assert model(torch.rand(2, 3, 64, 64)).shape == (2, 3)
    assert zoo.get_model(f"torchvision/{NAME}", num_classes=4)(torch.rand(2, 3, 64, 64)).shape == (2, 4)


def test_torchvisions_networks_are_not_listed_as_the_zoos():
    assert not [name for name in zoo.list_models() if "/" in name]


def _other(path):
    torch.save({"a": torch.zeros(1)}, path)


def _list(path):
    torch.save([torch.zeros(1)], path)


def _number(path):
    torch.save({"fc.bias": 3}, path)


def _no_row(path):
    torch.save({"fc.weight": torch.tensor(3.0)}, path)


def _checkpoint(path):
    torch.save({"state_dict": {"fc.bias": torch.zeros(3)}}, path)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda path: path.write_text("hello"), "not a file of weights that can be read"),
        (lambda path: path.unlink(), "there is no such file"),
        (_other, "not the weights of torchvision's"),
        (_list, "holds no table of weights"),
        (_number, "holds no table of weights"),
        (_checkpoint, "holds no table of weights"),
        (_no_row, r"no fc\.weight, one row a class"),
    ],
)
def test_a_file_without_the_networks_weights_is_named(tmp_path, spoil, complaint):
    _, path = _state(tmp_path)
    spoil(path)
    with pytest.raises(ValueError, match=complaint) as error:
        load_trained(f"torchvision/{NAME}", weights=path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_misspelt_network_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="no classifier 'resnet19'; did you mean resnet18"):
        zoo.get_model("torchvision/resnet19")


def test_a_network_without_a_linear_head_is_refused():
    with pytest.raises(ValueError, match="no linear layer"):
        zoo.get_model("torchvision/squeezenet1_1")


@pytest.mark.parametrize(("error", "reason"), [(OSError, "no network"), (RuntimeError, "invalid hash value")])
def test_weights_that_cannot_be_downloaded_are_asked_for(monkeypatch, tmp_path, error, reason):
    def offline(*args, **kwargs):
        raise error(reason)

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", offline)
    with pytest.raises(ValueError, match=rf"cannot be downloaded \({reason}\); give a file of these weights with --weights"):
        load_trained(f"torchvision/{NAME}")


def test_only_other_libraries_networks_take_a_file_of_weights(tmp_path):
    with pytest.raises(ValueError, match=r"lenet5\.digits_v1 has its own"):
        load_trained("lenet5.digits_v1", weights=tmp_path / "w.pth")
