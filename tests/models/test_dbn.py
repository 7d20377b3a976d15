import pytest
import torch

import zoo
from zoo.errors import ZooError
from zoo.functions.partition_function import log_partition
from zoo.models.dbn import DBN
from zoo.models.rbm import RBM


def _stack(widths=(6, 5, 4, 3), **options):
    torch.manual_seed(0)
    model = zoo.get_model("dbn", widths=widths, **options).double()
    for parameter in model.parameters():
        parameter.data.normal_()
    return model


def _states(units):
    return torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.double)] * units)


def test_the_unfolded_classifier_has_the_stacks_features():
    model, x = _stack(), torch.rand(7, 6).double()
    classifier = model.to_mlp(num_classes=3).double()
    assert torch.allclose(classifier.features(x), model.up(x))
    assert classifier(x).shape == (7, 3)


def test_unfolding_keeps_the_features_under_dropout_and_max_norm():
    model, x = _stack(), torch.rand(7, 6).double()
    classifier = model.to_mlp(input_dropout=0.2, dropout=0.5, max_norm=3.0).double()
    assert torch.allclose(classifier.eval().features(x), model.up(x))
    assert classifier.max_norm == 3.0


def test_the_unfolded_autoencoder_reconstructs_as_the_stack_does():
    model, x = _stack(), torch.rand(7, 6).double()
    assert torch.allclose(model.to_autoencoder().double().reconstruct(x), model(x))


def test_the_unfolded_networks_share_no_memory_with_the_stack():
    model = _stack()
    before = model.machines[0].weight.clone()
    for network in (model.to_mlp(), model.to_autoencoder()):
        for parameter in network.parameters():
            parameter.data.zero_()
    assert torch.equal(model.machines[0].weight, before)


def test_a_stack_of_one_machine_samples_as_the_machine_does():
    model = _stack((6, 5))
    first = model.sample(4, steps=3, generator=torch.Generator().manual_seed(0))
    second = model.machines[0].sample(4, steps=3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(first, second)


def test_fantasies_have_the_generative_models_mean():
    """p(v) = sum over h of p(v|h) p(h), with h the visible units of the top machine."""
    model = _stack((4, 3, 3))
    bottom, top = model.machines
    hidden = _states(3)
    share = (-top(hidden) - log_partition(top.weight, top.visible_bias, top.hidden_bias)).exp()
    found = model.sample(40_000, steps=40, generator=torch.Generator().manual_seed(0)).mean(0)
    assert torch.allclose(found, share @ bottom.visible_mean(hidden), atol=0.01)


def test_only_the_lowest_machine_can_be_gaussian():
    model = _stack(units="gaussian")
    assert [machine.gaussian for machine in model.machines] == [True, False, False]
    with pytest.raises(ZooError, match="outputs are probabilities"):
        model.to_autoencoder()


def test_unfit_inputs_are_refused():
    with pytest.raises(ZooError, match="binary units take"):
        _stack().transform(torch.full((2, 6), 2.0).double())


@pytest.mark.parametrize(
    ("above", "message"),
    [({"visible": 4}, "4 binary visible units on 5 binary"), ({"visible": 5, "units": "gaussian"}, "5 gaussian visible units on 5 binary")],
)
def test_machines_that_do_not_fit_on_each_other_are_refused(above, message):
    with pytest.raises(ZooError, match=message):
        DBN([RBM(visible=6, hidden=5), RBM(**above)])


@pytest.mark.parametrize("arch", ["dbn", "autoencoder"])
def test_a_stack_needs_two_layers(arch):
    with pytest.raises(ZooError, match="at least"):
        zoo.get_model(arch, widths=(784,))
