"""What every registered function must satisfy; a new function is found by itself."""

import pytest
import torch

from zoo.functions.draw import Draw
from zoo.functions.registry import all_functions, register_function
from zoo.verification.checks import gradcheck, gradgradcheck, rearranged, twin_error, vmap_error
from zoo.verification.functions import TWIN_TOLERANCE

FUNCTIONS = all_functions()
EXTREMES = [(name, extreme) for name, entry in FUNCTIONS.items() for extreme in entry.extremes]
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)]


@pytest.fixture(params=FUNCTIONS)
def entry(request):
    return FUNCTIONS[request.param]


@pytest.mark.parametrize("device", DEVICES)
def test_equals_its_native_twin_in_value_and_gradients(entry, device):
    assert twin_error(entry, entry.example(Draw(device=device))) < 1e-10


@pytest.mark.parametrize("device", DEVICES)
def test_equals_its_native_twin_in_single_precision(entry, device):
    assert twin_error(entry, entry.example(Draw(dtype=torch.float, device=device))) < 1e-5


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.double, torch.float, torch.bfloat16])
@pytest.mark.parametrize(("name", "extreme"), EXTREMES)
def test_equals_its_native_twin_at_the_extremes(name, extreme, dtype, device):
    entry = FUNCTIONS[name]
    arguments = entry.extremes[extreme](Draw(dtype=dtype, device=device))
    if dtype == torch.bfloat16:
        _skip_unless_taken(entry, arguments)
    assert twin_error(entry, arguments) < TWIN_TOLERANCE[dtype]


@pytest.mark.parametrize("layout", ["non-contiguous", "channels-last"])
def test_equals_its_native_twin_in_any_memory_layout(entry, layout):
    assert twin_error(entry, rearranged(entry.example(Draw()), layout)) < 1e-10


@pytest.mark.parametrize("device", DEVICES)
def test_equals_its_native_twin_in_half_precision_where_that_takes_it(entry, device):
    arguments = entry.example(Draw(dtype=torch.bfloat16, device=device))
    _skip_unless_taken(entry, arguments)
    assert twin_error(entry, arguments) < 5e-2  # a few units in the last of bfloat16's eight bits


def _skip_unless_taken(entry, arguments):
    try:
        entry.native(*arguments)
    except (RuntimeError, NotImplementedError) as error:
        pytest.skip(f"the native twin does not take bfloat16: {error}")


@pytest.mark.parametrize("device", DEVICES)
def test_gradient_equals_finite_differences(entry, device):
    assert gradcheck(entry, entry.example(Draw(device=device)))


@pytest.mark.parametrize("device", DEVICES)
def test_second_derivative_equals_finite_differences(entry, device):
    if entry.once_differentiable:
        pytest.skip(f"once differentiable: {entry.once_differentiable}")
    assert gradgradcheck(entry, entry.example(Draw(device=device)))


@pytest.mark.parametrize("device", DEVICES)
def test_vmap_gives_what_one_call_after_another_gives(entry, device):
    if not entry.vmap:
        pytest.skip("no vmap rule")
    assert vmap_error(entry, entry.example, device=device) < 1e-10


def test_a_function_says_where_its_gradient_is_written_down(entry):
    assert entry.formula
    assert entry.manual.__doc__
    assert "References:" in entry.manual.__doc__


def test_a_wrong_gradient_is_found():
    """The checks can fail: a function whose backward pass is off by one part in a thousand."""

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return 2 * x

        @staticmethod
        def backward(ctx, grad):
            return 2.002 * grad

    from zoo.functions.registry import FunctionEntry

    wrong = FunctionEntry("wrong", "(0)", Wrong.apply, lambda x: 2 * x, lambda draw: (draw(3),))
    assert twin_error(wrong, wrong.example(Draw())) > 1e-4
    assert not gradcheck(wrong, wrong.example(Draw()))


def test_a_name_is_registered_once():
    with pytest.raises(ValueError, match="twice"):
        register_function(formula="(2)", native=torch.tanh, example=lambda draw: (draw(1),))(FUNCTIONS["scaled_tanh"].manual)


def test_comparisons_are_not_rounded_to_tf32():
    assert not torch.backends.cudnn.allow_tf32
    assert torch.get_float32_matmul_precision() == "highest"
