import copy

import pytest
import torch
from torch import nn

from zoo.errors import ZooError
from zoo.models.l2l import CoordinatewiseLSTM
from zoo.optim.learned import LearnedOptimizer


@pytest.fixture
def network():
    torch.manual_seed(0)
    return CoordinatewiseLSTM(hidden=6)


def _model(seed=1):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))


def _steps(model, optimizer, count, *, skip=()):
    x = torch.linspace(-1, 1, 15).view(5, 3)
    for number in range(count):
        optimizer.zero_grad()
        model(x).square().sum().backward()
        for position in skip:
            if number % 2:
                list(model.parameters())[position].grad = None
        optimizer.step()


def _equal(first, second):
    return all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_a_parameter_moves_by_what_the_network_says_of_its_gradients(network):
    parameter = nn.Parameter(torch.randn(2, 3))
    optimizer, start, gradient = LearnedOptimizer([parameter], network), parameter.detach().clone(), torch.randn(4, 2, 3)
    for each in gradient:
        parameter.grad = each.clone()
        optimizer.step()
    change = network(gradient.flatten(1).T).sum(1).view(2, 3)
    assert torch.allclose(parameter, start + change, atol=1e-6)


def test_how_parameters_are_grouped_and_blocked_changes_nothing(network, monkeypatch):
    whole, apart = _model(), _model()
    _steps(whole, LearnedOptimizer(whole.parameters(), network), 4)
    monkeypatch.setattr("zoo.optim.stepper._BLOCK", 5)
    _steps(apart, LearnedOptimizer([{"params": each.parameters()} for each in (apart[0], apart[2])], network), 4)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(whole.parameters(), apart.parameters(), strict=True))


def test_a_groups_lr_multiplies_its_changes_alone(network):
    model, twice = _model(), _model()
    _steps(model, LearnedOptimizer(model.parameters(), network), 1)
    _steps(twice, LearnedOptimizer([{"params": twice[0].parameters(), "lr": 2.0}, {"params": twice[2].parameters()}], network), 1)
    start = _model()
    assert torch.allclose(twice[0].weight - start[0].weight, 2 * (model[0].weight - start[0].weight), atol=1e-6)
    assert torch.allclose(twice[2].weight, model[2].weight, atol=1e-7)


def test_a_state_dict_goes_on_exactly_where_it_was_taken(network):
    model = _model()
    optimizer = LearnedOptimizer(model.parameters(), network)
    _steps(model, optimizer, 3)
    again = copy.deepcopy(model)
    resumed = LearnedOptimizer(again.parameters(), network)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    _steps(model, optimizer, 3)
    _steps(again, resumed, 3)
    assert _equal(model, again)


def test_a_state_dict_that_is_loaded_later_replaces_what_the_optimizer_remembers(network):
    model = _model()
    optimizer = LearnedOptimizer(model.parameters(), network)
    _steps(model, optimizer, 2)
    weights, state = copy.deepcopy(model.state_dict()), copy.deepcopy(optimizer.state_dict())
    _steps(model, optimizer, 2)
    first = copy.deepcopy(model)
    model.load_state_dict(weights)
    optimizer.load_state_dict(state)
    _steps(model, optimizer, 2)
    assert _equal(model, first)


def test_a_parameter_that_sometimes_has_no_gradient_keeps_its_state_and_disturbs_no_other(network):
    model, alone = _model(), _model()
    _steps(model, LearnedOptimizer(model.parameters(), network), 4, skip=[3])
    apart = LearnedOptimizer([{"params": [each]} for each in alone.parameters()], network)
    _steps(alone, apart, 4, skip=[3])
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(model.parameters(), alone.parameters(), strict=True))


def test_a_closure_is_called_with_gradients_and_its_loss_returned(network):
    model = _model()
    optimizer = LearnedOptimizer(model.parameters(), network)

    def closure():
        optimizer.zero_grad()
        loss = model(torch.ones(1, 3)).square().sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).requires_grad


def test_a_deep_copy_goes_on_like_the_original(network):
    model = _model()
    optimizer = LearnedOptimizer(model.parameters(), network)
    _steps(model, optimizer, 2)
    again, copied = copy.deepcopy((model, optimizer))
    _steps(model, optimizer, 2)
    _steps(again, copied, 2)
    assert _equal(model, again)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_of_any_precision_are_moved_by_a_network_in_single_precision_and_resumed_exactly(network, dtype):
    model = _model().to(dtype)
    optimizer = LearnedOptimizer(model.parameters(), network)

    def steps(model, optimizer):
        for factor in (0.3, -0.1, 0.02):
            for parameter in model.parameters():
                parameter.grad = torch.full_like(parameter, factor)
            optimizer.step()

    steps(model, optimizer)
    assert {parameter.dtype for parameter in model.parameters()} == {dtype}
    again = copy.deepcopy(model)
    resumed = LearnedOptimizer(again.parameters(), network)
    resumed.load_state_dict(optimizer.state_dict())
    steps(model, optimizer)
    steps(again, resumed)
    assert _equal(model, again)
    for first, second in zip(model.parameters(), again.parameters(), strict=True):
        assert optimizer.state[first]["cell"].dtype == torch.float32
        assert torch.equal(optimizer.state[first]["cell"], resumed.state[second]["cell"])


def test_a_state_that_is_taken_away_begins_anew(network):
    model, fresh = _model(), _model()
    optimizer = LearnedOptimizer(model.parameters(), network)
    _steps(model, optimizer, 2)
    model.load_state_dict(fresh.state_dict())
    optimizer.state.clear()
    _steps(model, optimizer, 2)
    _steps(fresh, LearnedOptimizer(fresh.parameters(), network), 2)
    assert _equal(model, fresh)


def test_a_parameter_without_numbers_is_left_alone(network):
    empty, parameter = nn.Parameter(torch.zeros(0)), nn.Parameter(torch.ones(2))
    for each in (empty, parameter):
        each.grad = torch.ones_like(each)
    LearnedOptimizer([empty], network).step()
    LearnedOptimizer([empty, parameter], network).step()
    assert not torch.equal(parameter, torch.ones(2))


def test_the_default_dtype_does_not_matter(network):
    model, other = _model(), _model()
    _steps(model, LearnedOptimizer(model.parameters(), network), 1)
    optimizer = LearnedOptimizer(other.parameters(), network)
    for parameter, moved in zip(other.parameters(), model.parameters(), strict=True):
        parameter.grad = moved.grad.clone()
    torch.set_default_dtype(torch.float64)
    try:
        optimizer.step()
    finally:
        torch.set_default_dtype(torch.float32)
    assert _equal(model, other)


def test_states_that_are_saved_hold_their_own_numbers_alone(network):
    model = _model()
    optimizer = LearnedOptimizer(model.parameters(), network)
    _steps(model, optimizer, 1)
    for state in optimizer.state_dict()["state"].values():
        assert state["hidden"].untyped_storage().nbytes() == 4 * state["hidden"].numel()


@pytest.mark.cuda
def test_parameters_on_several_devices_are_moved_alike(network):
    here, there = (nn.Parameter(torch.ones(3, device=device)) for device in ("cpu", "cuda"))
    for parameter in (here, there):
        parameter.grad = torch.full_like(parameter, 0.3)
    LearnedOptimizer([here, there], network).step()
    assert torch.allclose(here, there.cpu(), atol=1e-6)


def test_each_device_has_a_network_and_states_of_its_own(network, monkeypatch):
    monkeypatch.setattr("zoo.optim.stepper.to_tanh_", lambda half: half.mul_(2).sub_(1))  # its constant is not for the meta device
    here, alone, there = (nn.Parameter(torch.ones(3, device=device)) for device in ("cpu", "cpu", "meta"))
    both, single = LearnedOptimizer([here, there], network), LearnedOptimizer([alone], network)
    for gradient in (0.3, -0.1):
        for parameter in (here, alone, there):
            parameter.grad = torch.full_like(parameter, gradient)
        both.step()
        single.step()
    assert torch.equal(here, alone)
    assert both.state[here]["cell"].device.type == "cpu"
    assert both.state[there]["cell"].device.type == "meta"


def test_a_group_that_is_added_later_begins_with_states_of_its_own(network):
    model, alone = _model(), _model()
    optimizer = LearnedOptimizer(model[0].parameters(), network)
    _steps(model, optimizer, 2)
    optimizer.add_param_group({"params": model[2].parameters()})
    apart = LearnedOptimizer(alone[0].parameters(), network)
    _steps(alone, apart, 2)
    later = LearnedOptimizer(alone[2].parameters(), network)
    x = torch.linspace(-1, 1, 15).view(5, 3)
    for _ in range(2):
        _steps(model, optimizer, 1)
        alone.zero_grad()
        alone(x).square().sum().backward()
        apart.step()
        later.step()
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(model.parameters(), alone.parameters(), strict=True))


@pytest.mark.parametrize("params", [[], iter(()), [{"params": []}]], ids=["a list", "a generator", "a group"])
def test_no_parameters_are_refused(network, params):
    with pytest.raises(ZooError, match=r"for no parameters: give it a model's"):
        LearnedOptimizer(params, network)


def _after_a_step(make):
    parameter = nn.Parameter(torch.ones(2))
    parameter.grad = torch.ones(2)
    optimizer = make([parameter])
    optimizer.step()
    return optimizer.state_dict()


@pytest.mark.parametrize(
    "make",
    [
        torch.optim.Adam,
        lambda params: torch.optim.SGD(params, lr=0.01),
        lambda params: LearnedOptimizer(params, CoordinatewiseLSTM(hidden=4)),
        lambda params: LearnedOptimizer(params, CoordinatewiseLSTM(hidden=6)),
    ],
    ids=["Adam's", "that of SGD", "another size's", "another network's"],
)
def test_the_state_dict_of_another_optimizer_is_refused(network, make):
    optimizer = LearnedOptimizer([nn.Parameter(torch.ones(2))], network)
    with pytest.raises(ZooError, match="another optimiser's, or that of a learned one with another network"):
        optimizer.load_state_dict(_after_a_step(make))
    assert optimizer.param_groups[0]["lr"] == 1


def test_the_state_dict_of_other_parameters_is_refused(network):
    optimizer = LearnedOptimizer([nn.Parameter(torch.ones(3))], network)
    with pytest.raises(ZooError, match=r"no states of shape \(12, 3\)"):
        optimizer.load_state_dict(_after_a_step(lambda params: LearnedOptimizer(params, network)))


def test_a_tensor_in_the_place_of_a_list_is_refused(network):
    with pytest.raises(ZooError, match="put it in a list"):
        LearnedOptimizer(nn.Parameter(torch.ones(2, 2)), network)


def test_the_rate_of_a_group_is_checked(network):
    with pytest.raises(ZooError, match="lr -1"):
        LearnedOptimizer([{"params": [nn.Parameter(torch.ones(2))], "lr": -1}], network)


def test_unknown_weights_are_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"there is no model 'l2l.mnist_v0'"):
        LearnedOptimizer([nn.Parameter(torch.zeros(1))], "l2l.mnist_v0")


def test_a_network_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="is a LeNet5, not the network of a learned optimiser"):
        LearnedOptimizer([nn.Parameter(torch.zeros(1))], "lenet5.digits_v1")


def test_a_sparse_gradient_is_refused(network):
    table = nn.Embedding(4, 2, sparse=True)
    table(torch.tensor([1])).sum().backward()
    with pytest.raises(ValueError, match="takes dense real ones"):
        LearnedOptimizer(table.parameters(), network).step()
