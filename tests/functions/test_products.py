import pytest
import torch

from zoo.functions import products
from zoo.functions.draw import Draw
from zoo.functions.lstm import lstm
from zoo.functions.products import add_product, factor_type, multiplying


@pytest.fixture
def medium(monkeypatch):
    """Products asked for in bfloat16, on a processor that is said to be quick at it."""
    monkeypatch.setattr(products, "has_bfloat16", lambda: True)
    with multiplying("medium"):
        yield


def test_only_medium_float32_on_a_quick_processor_is_rounded(medium, monkeypatch):
    assert factor_type(torch.zeros(1)) == torch.bfloat16
    assert factor_type(torch.zeros(1, dtype=torch.double)) == torch.double
    with multiplying("high"):
        assert factor_type(torch.zeros(1)) == torch.float32
    assert torch.get_float32_matmul_precision() == "medium"
    monkeypatch.setattr(products, "has_bfloat16", lambda: False)
    assert factor_type(torch.zeros(1)) == torch.float32


@pytest.mark.parametrize("factor", [torch.float32, torch.bfloat16])
def test_a_product_is_added_in_the_type_of_the_sum(factor):
    c, a, b = torch.full((2, 2), 1000.5), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    expected = torch.tensor([[1001.5, 1004.5], [1003.5, 1008.5]])  # bfloat16 has none of these
    assert torch.equal(add_product(c, a, b.to(factor)), expected)
    assert add_product(c, a, b.to(factor), out=c) is c
    assert torch.equal(c, expected)
    product = add_product(torch.zeros(1, 1), torch.tensor([[1.0, 256.0]]), torch.ones(2, 1, dtype=factor))
    assert product.item() == (257 if factor == torch.float32 else 256), "the sum of a product is rounded as its factors are"


def test_an_lstm_in_medium_precision_is_close_to_the_exact_one_and_not_equal(medium):
    draw = Draw()
    drawn = draw(9, 4, 5), draw(4, 8), draw(4, 8), draw(32, 5) / 3, draw(32, 8) / 3, draw(32)
    arguments = [each.detach().float().requires_grad_() for each in drawn]

    def outputs_and_gradients():
        output, _, c = lstm(*arguments)
        return [output, *torch.autograd.grad(output.square().sum() + c.sum(), arguments)]

    rounded = outputs_and_gradients()
    with multiplying("highest"):
        exactly = outputs_and_gradients()
    for found, exact in zip(rounded, exactly, strict=True):
        error = (found - exact).norm() / exact.norm()
        assert found.dtype == torch.float32
        assert 0 < error < 0.01  # bfloat16 keeps eight binary digits: 0.4 %


def test_an_lstm_goes_back_as_precisely_as_it_came(medium):
    draw = Draw()
    arguments = [
        each.detach().float().requires_grad_() for each in (draw(3, 2, 5), draw(2, 4), draw(2, 4), draw(16, 5), draw(16, 4), draw(16))
    ]
    gradients = []
    for way_back in ("medium", "highest"):
        output, *_ = lstm(*arguments)
        with multiplying(way_back):
            gradients.append(torch.autograd.grad(output.sum(), arguments))
    assert all(torch.equal(*each) for each in zip(*gradients, strict=True))
