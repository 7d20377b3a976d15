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


def test_pictures_are_taken_as_rows():
    model, x = _stack(), torch.rand(7, 1, 2, 3).double()
    assert torch.equal(model(x), model(x.flatten(1)))


def test_only_the_lowest_machine_can_be_gaussian():
    model = _stack(units="gaussian")
    assert [machine.gaussian for machine in model.machines] == [True, False, False]
    with pytest.raises(ZooError, match="outputs are probabilities"):
        model.to_autoencoder()


def test_label_units_that_are_not_told_the_class_are_all_alike():
    model, x = _stack(label_units=2), torch.rand(7, 6).double()
    top = model.machines[-1]
    below = model.machines[1].hidden_probability(model.machines[0].hidden_probability(x))
    told = [top.hidden_probability(torch.cat([below, half.expand(7, 2)], 1)) for half in (torch.tensor([[0.5, 0.5]]).double(),)]
    assert torch.allclose(model.up(x), told[0])
    assert torch.allclose(model.to_mlp(num_classes=3).double().features(x), model.up(x))
    assert model(x).shape == (7, 6)


def test_label_units_start_the_scores():
    model, x = _stack(label_units=3), torch.rand(7, 6).double()
    logit = torch.logit(model.machines[-1].visible_mean(model.up(x))[:, -3:])
    assert torch.allclose(model.to_mlp(num_classes=3).double()(x), logit)


def test_held_label_units_choose_what_is_sampled():
    """Label 1 turns a hidden unit on, and this the first unit of all layers below."""
    model = _stack((4, 3, 3), label_units=2)
    bottom, top = model.machines
    for parameter in model.parameters():
        parameter.data.zero_()
    top.weight.data[0, 0], top.weight.data[0, -1], top.hidden_bias.data[0] = 20.0, 20.0, -10.0
    top.visible_bias.data[0], bottom.weight.data[0, 0], bottom.visible_bias.data[0] = -10.0, 20.0, -10.0
    first, second = (model.sample(200, steps=20, generator=torch.Generator().manual_seed(0), label=label)[:, 0] for label in (0, 1))
    assert first.mean() < 0.2
    assert second.mean() > 0.8


def test_the_classifier_is_the_output_and_starts_at_the_stack():
    model, x = _stack(num_classes=3, label_units=3), torch.rand(7, 6).double()
    assert not torch.allclose(model.classifier.features(x), model.up(x))
    model.unfold()
    assert torch.allclose(model(x), model.to_mlp(num_classes=3).double()(x))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": (6, 5), "label_units": 2}, "a stack of one machine has none"),
        ({"label_units": 2}, "the class 2: must be at least 0"),
        ({"label_units": -1}, "label units -1: must be at least 0"),
    ],
)
def test_label_units_that_are_not_there_are_refused(options, message):
    with pytest.raises(ZooError, match=message):
        _stack(**options).sample(1, steps=1, generator=torch.Generator(), label=2)


def test_a_stack_without_label_units_samples_no_class():
    with pytest.raises(ZooError, match="has no label units"):
        _stack().sample(1, generator=torch.Generator(), label=0)


def test_a_stack_without_a_classifier_has_none_to_start():
    with pytest.raises(ZooError, match="no classifier to start"):
        _stack().unfold()


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


@pytest.mark.parametrize(("arch", "widths"), [("dbn", (4, 0)), ("autoencoder", (4, 0)), ("dbn_acoustic", (4, 0)), ("dbn_acoustic", ())])
def test_a_layer_without_units_is_refused(arch, widths):
    with pytest.raises(ZooError, match="at least"):
        zoo.get_model(arch, widths=widths)
