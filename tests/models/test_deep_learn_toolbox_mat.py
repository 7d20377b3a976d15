import numpy as np
import pytest
import torch
from scipy.io import savemat

import zoo
from tests.models.toolbox_file import cell, network
from zoo.models.deep_learn_toolbox_mat import read_cnn


@pytest.fixture(
    params=[{}, {"side": 12, "maps": (1,), "kernels": (3,), "scales": (5,), "num_classes": 1}],
    ids=["6c-2s-12c-2s", "single maps and class"],
)
def model(request):
    model = zoo.get_model("deep_learn_toolbox_cnn", **request.param).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    return model


def test_a_network_comes_back_as_it_was_saved(model, tmp_path):
    savemat(tmp_path / "net.mat", {"cnn": network(model)})
    found = read_cnn(tmp_path / "net.mat")
    assert not found.training
    for (name, ours), theirs in zip(found.state_dict().items(), model.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs), name


def test_a_variable_of_another_name_is_found_and_a_wrong_name_answered_with_those_there_are(tmp_path):
    savemat(tmp_path / "net.mat", {"net": network(zoo.get_model("deep_learn_toolbox_cnn"))})
    assert read_cnn(tmp_path / "net.mat", variable="net").head.out_features == 10
    with pytest.raises(ValueError, match="no variable 'cnn'; it has net"):
        read_cnn(tmp_path / "net.mat")


def _without(name):
    return lambda net: net.pop(name)


def _set(name, value):
    return lambda net: net.update({name: value})


def _in_layer(number, name, value):
    return lambda net: net["layers"][number, 0].update({name: value})


DAMAGES = {
    "no weights": (_without("ffW"), "no field 'ffW'"),
    "no layers": (_set("layers", cell([])), "its layers are"),
    "numbers for layers": (_set("layers", np.ones(3)), "something else where a cell belongs"),
    "no pooling": (lambda net: net.update(layers=net["layers"][:2]), "expected i and then c and s in turn"),
    "kernels of another size": (_in_layer(1, "kernelsize", 3.0), "size mismatch for features.c2.weight"),
    "a scale of zero": (_in_layer(2, "scale", 0.0), "0.0 where a size belongs"),
    "a scale without end": (_in_layer(2, "scale", np.inf), "inf where a size belongs"),
    "a kernel beyond all pictures": (_in_layer(1, "kernelsize", 1e300), "1e\\+300 where a size belongs"),
    "text for kernels": (_in_layer(1, "k", "none"), "something else where a cell belongs"),
    "text for weights": (_set("ffW", "none"), "could not convert"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_another_structure_is_one_clear_error(damage, tmp_path):
    net = network(zoo.get_model("deep_learn_toolbox_cnn"))
    spoil, message = DAMAGES[damage]
    spoil(net)
    savemat(tmp_path / "net.mat", {"cnn": net})
    with pytest.raises(zoo.errors.ZooError, match=rf"net.mat: 'cnn' is no network of the toolbox's cnnsetup \(.*({message})") as caught:
        read_cnn(tmp_path / "net.mat")
    assert "\n" not in str(caught.value)


def test_a_matrix_is_nonetwork(tmp_path):
    savemat(tmp_path / "net.mat", {"cnn": np.ones((2, 2))})
    with pytest.raises(zoo.errors.ZooError, match="no field 'layers'"):
        read_cnn(tmp_path / "net.mat")


@pytest.mark.parametrize("content", [b"", b"no matlab file at all" * 20, b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(200)])
def test_a_file_that_is_none_is_one_clear_error(content, tmp_path):
    (tmp_path / "net.mat").write_bytes(content)
    with pytest.raises(zoo.errors.ZooError, match="save it again with -v7"):
        read_cnn(tmp_path / "net.mat")


def test_a_missing_file_is_one_clear_error(tmp_path):
    with pytest.raises(zoo.errors.ZooError, match="cannot be read"):
        read_cnn(tmp_path / "missing.mat")
