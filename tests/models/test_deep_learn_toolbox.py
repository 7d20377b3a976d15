"""The models of DeepLearnToolbox against what its own functions gave in Octave, to the last digits."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import zoo
from zoo.models.deep_learn_toolbox_nn import DeepLearnToolboxNN
from zoo.models.deep_learn_toolbox_rbm import DeepLearnToolboxRBM

GOLDEN = Path(__file__).parent.parent / "golden"


def _load(path):
    with np.load(path, allow_pickle=False) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


def _equal(found, expected):
    assert found.shape == expected.shape
    assert (found - expected).abs().max() < 1e-12


@pytest.fixture(scope="module")
def octave():
    folder = Path(os.environ.get("ZOO_DATA", "")).parent / "octave"
    if not (folder / "reference.npz").is_file():
        pytest.skip("needs the toolbox's arrays: octave/ beside $ZOO_DATA")
    return _load(folder / "inputs.npz") | _load(folder / "reference.npz")


def _maps(array):
    """(row, column, image, map) as B C H W."""
    return array.permute(2, 3, 0, 1)


def _kernels(array):
    """(row, column, input map, output map) as O I K L."""
    return array.permute(3, 2, 0, 1)


@pytest.fixture
def network(octave):
    model = zoo.get_model("deep_learn_toolbox_cnn").double()
    model.load_state_dict(
        {
            "features.c2.weight": _kernels(octave["full_k1"]),
            "features.c2.bias": octave["full_b1"][0],
            "features.c4.weight": _kernels(octave["full_k2"]),
            "features.c4.bias": octave["full_b2"][0],
            "head.weight": octave["full_ffW"],
            "head.bias": octave["full_ffb"][:, 0],
        }
    )
    return model


@pytest.fixture
def image(octave):
    return octave["full_x"].permute(2, 0, 1)[:, None]


@pytest.fixture
def target(octave):
    return octave["full_y"].T


def _squared_errors(score, target):
    return 0.5 * (score.sigmoid() - target).square().sum(-1)


def _trace(model, image):
    """Scores and what every layer gave on the way, by the layer's name; ``fv`` is the feature vector."""
    trace, hooks = {}, []
    for name, layer in model.features.named_children():
        hooks.append(layer.register_forward_hook(lambda _, __, out, name=name: trace.update({name: out})))
    hooks.append(model.head.register_forward_pre_hook(lambda _, inputs: trace.update(fv=inputs[0])))
    score = model(image)
    for hook in hooks:
        hook.remove()
    return score, trace


ACTIVATIONS = {"a2": "c2_squash", "a3": "s3", "a4": "c4_squash", "a5": "s5"}
DELTAS = {"d2": "c2", "d3": "s3", "d4": "c4", "d5": "s5"}  # before the sigmoid, where there is one


@pytest.mark.parametrize("batch", [slice(0, 10), slice(0, 1), slice(3, 7)], ids=str)
class TestCNN:
    def test_activations_are_the_toolboxs(self, network, image, octave, batch):
        score, trace = _trace(network, image[batch])
        for name, layer in ACTIVATIONS.items():
            _equal(trace[layer], _maps(octave[f"full_{name}"])[batch])
        _equal(trace["fv"], octave["full_fv"].T[batch])
        _equal(score.sigmoid(), octave["full_o"].T[batch])

    def test_deltas_are_the_toolboxs(self, network, image, target, octave, batch):
        score, trace = _trace(network, image[batch])
        points = [score, trace["fv"], *(trace[layer] for layer in DELTAS.values())]
        output, feature, *deltas = torch.autograd.grad(_squared_errors(score, target[batch]).sum(), points)
        _equal(output, octave["full_od"].T[batch])
        _equal(feature, octave["full_fvd"].T[batch])
        for name, delta in zip(DELTAS, deltas, strict=True):
            _equal(delta, _maps(octave[f"full_{name}"])[batch])


def _assert_gradients(gradient, octave):
    _equal(gradient["features.c2.weight"], _kernels(octave["full_dk1"]))
    _equal(gradient["features.c2.bias"], octave["full_db1"][0])
    _equal(gradient["features.c4.weight"], _kernels(octave["full_dk2"]))
    _equal(gradient["features.c4.bias"], octave["full_db2"][0])
    _equal(gradient["head.weight"], octave["full_dffW"])
    _equal(gradient["head.bias"], octave["full_dffb"][:, 0])


@pytest.mark.parametrize("size", [10, 5, 1])
def test_gradients_are_the_toolboxs_however_the_images_are_batched(network, image, target, octave, size):
    for pictures, labels in zip(image.split(size), target.split(size), strict=True):
        (_squared_errors(network(pictures), labels).mean() * size / 10).backward()
    _assert_gradients({name: parameter.grad for name, parameter in network.named_parameters()}, octave)


def test_one_step_of_gradient_descent_leads_where_cnnapplygrads_leads(network, image, target, octave):
    loss = _squared_errors(network(image), target).mean()
    _equal(loss, octave["full_L"].squeeze())
    loss.backward()
    torch.optim.SGD(network.parameters(), lr=1).step()
    score = network(image)
    _equal(score.sigmoid(), octave["full_o_after_step_alpha1"].T)
    _equal(_squared_errors(score, target).mean(), octave["full_L_after_step_alpha1"].squeeze())


def test_the_zoos_own_loss_is_the_toolboxs(network, image, octave):
    from zoo.functions.losses import squared_error

    _equal(squared_error(network(image), octave["full_y"].argmax(0)), octave["full_L"].squeeze())


def test_weights_start_within_the_toolboxs_bounds_and_biases_at_zero():
    torch.manual_seed(0)
    model = zoo.get_model("deep_learn_toolbox_cnn")
    bounds = {"features.c2": 6 / (25 + 150), "features.c4": 6 / (150 + 300), "head": 6 / (192 + 10)}
    for name, square in bounds.items():
        layer = model.get_submodule(name)
        assert 0.9 * square**0.5 < layer.weight.abs().max() <= square**0.5
        assert not layer.bias.any()


@pytest.mark.parametrize(("kernels", "fits"), [((3, 3), True), ((3, 2), False), ((12, 3), False)])
def test_the_slides_second_network_does_not_fit_its_picture(kernels, fits):
    """Erratum E37: c3, s2, c2, s2 on 10 x 10 ends at maps of side 1.5; c3, s2, c3, s2 works."""
    options = {"side": 10, "kernels": kernels, "maps": (2, 3)}
    if fits:
        assert zoo.get_model("deep_learn_toolbox_cnn", **options)(torch.zeros(1, 1, 10, 10)).shape == (1, 10)
    else:
        with pytest.raises(ValueError, match="do not divide"):
            zoo.get_model("deep_learn_toolbox_cnn", **options)


def test_options_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="as many numbers each"):
        zoo.get_model("deep_learn_toolbox_cnn", maps=(6,))


NN = _load(GOLDEN / "deep_learn_toolbox_nn.npz")


@pytest.mark.parametrize("activation", ["tanh_opt", "sigm"])
@pytest.mark.parametrize("output", ["sigm", "softmax"])
def test_the_nn_learns_as_nnff_nnbp_and_nnapplygrads_do(activation, output):
    expected = {name.removeprefix(f"{activation}_{output}_"): array for name, array in NN.items()}
    model = DeepLearnToolboxNN((20, 7, 5), activation=activation, output=output).double()
    model.load_state_dict({"weight.0": NN["W1"], "weight.1": NN["W2"]})
    for found, name in zip(model.activations(NN["x"]), ["x", "a2", "a3"], strict=True):
        _equal(found, F.pad(NN["x"], (1, 0), value=1.0) if name == "x" else expected[name])
    _equal(model.loss(NN["x"], NN["y"]), expected["L"].squeeze())
    optimizer = torch.optim.SGD(model.parameters(), lr=2, momentum=0.5)
    for step in range(2):
        optimizer.zero_grad()
        model.loss(NN["x"], NN["y"]).backward()
        if step == 0:
            _equal(model.weight[0].grad, expected["dW1"])
            _equal(model.weight[1].grad, expected["dW2"])
        optimizer.step()
    _equal(model.weight[0], expected["W1_after2"])
    _equal(model.weight[1], expected["W2_after2"])


def test_the_zoos_mlp_is_the_toolboxs_nn():
    model = zoo.get_model("mlp", inputs=20, widths=(7,), num_classes=5, activation="scaled-tanh").double()
    weights = {"features.1": NN["W1"], "head": NN["W2"]}
    model.load_state_dict({f"{name}.weight": w[:, 1:] for name, w in weights.items()} | {f"{n}.bias": w[:, 0] for n, w in weights.items()})
    _equal(model(NN["x"]).sigmoid(), NN["tanh_opt_sigm_a3"])
    _equal(model(NN["x"]).softmax(-1), NN["tanh_opt_softmax_a3"])


def test_the_nn_starts_within_the_toolboxs_bounds():
    torch.manual_seed(0)
    bounds = [4 * (6 / 27) ** 0.5, 4 * (6 / 12) ** 0.5]
    for weight, bound in zip(DeepLearnToolboxNN((20, 7, 5)).weight, bounds, strict=True):
        assert 0.8 * bound < weight.abs().max() <= bound


RBM = _load(GOLDEN / "deep_learn_toolbox_rbm.npz")


def _rbm():
    rbm = DeepLearnToolboxRBM(20, 8, alpha=0.1, momentum=0.5).double()
    rbm.load_state_dict({name: RBM[name].squeeze(-1) for name in "Wbc"}, strict=False)
    return rbm


def test_rbm_probabilities_are_the_toolboxs():
    rbm = _rbm()
    _equal(rbm.up(RBM["x"]), RBM["up"])
    _equal(rbm.down(RBM["up"]), RBM["down"])


def test_the_rbm_learns_as_rbmtrain_does_given_its_random_numbers():
    rbm = _rbm()
    for number, batch in enumerate(RBM["x"].split(10), start=1):
        rbm.step(batch, u_h1=RBM[f"u_h1_{number}"], u_v2=RBM[f"u_v2_{number}"])
        for name in ("W", "b", "c", "vW", "vb", "vc"):
            _equal(getattr(rbm, name), RBM[f"{name}_after{number}"].squeeze(-1))


def test_the_reconstruction_error_by_hand():
    """Zero weights: every probability is one half, so that uniforms below it turn a unit on."""
    rbm = DeepLearnToolboxRBM(3, 1)
    error = rbm.step(torch.tensor([[1.0, 0.0, 0.0]]), u_h1=torch.tensor([[0.4]]), u_v2=torch.tensor([[0.4, 0.4, 0.6]]))
    assert error.item() == 1
