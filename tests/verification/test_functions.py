from dataclasses import replace

import pytest
import torch

from zoo.functions.registry import FunctionEntry, all_functions
from zoo.verification.functions import check_function

ENTRY = all_functions()["scaled_tanh"]


def test_a_right_function_passes_every_check():
    row = check_function(ENTRY, dtype=torch.float64, device="cpu", toolbox=1e-15)
    assert row.passed
    assert row.second


class _Slightly(torch.autograd.Function):
    """``x**3`` with a gradient that is off by a millionth part: more than any rounding."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 3.00001 * x**2


def test_a_slightly_wrong_gradient_fails_the_row():
    wrong = FunctionEntry("wrong", "(0)", lambda x: _Slightly.apply(x), lambda x: x**3, lambda draw: (draw(4),))
    row = check_function(wrong, dtype=torch.float64, device="cpu")
    assert not row.passed
    assert row.twin > 1e-6


@pytest.mark.parametrize(
    "field", [{"twin": 1e-9}, {"difference": 1e-5}, {"jacobian": False}, {"second": False}, {"vmap": 1e-9}, {"toolbox": 1e-11}]
)
def test_one_failed_check_fails_the_row(field):
    row = check_function(ENTRY, dtype=torch.float64, device="cpu")
    assert row.passed
    assert not replace(row, **field).passed
