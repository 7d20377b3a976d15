import math

import pytest
import torch

from zoo.functions.registry import FunctionEntry
from zoo.verification.checks import relative_error, vmap_error


@pytest.mark.parametrize(("found", "expected"), [(math.nan, math.inf), (-math.inf, math.inf), (math.nan, 1.0), (1.0, math.nan)])
def test_what_is_not_finite_must_be_the_same(found, expected):
    assert relative_error(torch.tensor([found, 1.0]), torch.tensor([expected, 1.0])) == math.inf
    assert relative_error(torch.tensor([found]), torch.tensor([expected])) == math.inf


@pytest.mark.parametrize("same", [math.nan, math.inf, -math.inf])
def test_the_same_infinity_and_nan_is_no_error(same):
    assert relative_error(torch.tensor([same, 1.0]), torch.tensor([same, 1.5])) == pytest.approx(1 / 3)


def test_the_error_is_absolute_below_one():
    assert relative_error(torch.tensor([0.3]), torch.tensor([0.1])) == pytest.approx(0.2)
    assert relative_error(torch.tensor([30.0]), torch.tensor([10.0])) == pytest.approx(2.0)


class _Twice(torch.autograd.Function):
    """``2 x``, with a vmap rule that gives ``3 x``."""

    @staticmethod
    def forward(x):
        return 2 * x

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def vmap(info, in_dims, x):
        return 3 * x, in_dims[0]


class _Doubled(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return 2 * x

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, grad):
        return _Twice.apply(grad)


def test_a_gradient_that_is_wrong_under_vmap_alone_is_found():
    entry = FunctionEntry("doubled", "(0)", lambda x: _Doubled.apply(x * x.cos()), lambda x: 2 * x * x.cos(), lambda draw: (draw(3),))
    assert vmap_error(entry, entry.example) > 0.1
