import pytest
import torch

from zoo.errors import ZooError
from zoo.functions.content_addressing import EPSILON, content_addressing
from zoo.functions.draw import Draw
from zoo.functions.location_addressing import circular_shift, interpolate, sharpen


def test_content_weights_by_hand():
    key, memory = torch.tensor([[[3.0, 0.0]]]).double(), torch.tensor([[[5.0, 0.0], [0.0, 7.0]]]).double()
    weight = content_addressing(key, torch.tensor([[2.0]]).double(), memory)
    assert torch.allclose(weight, torch.tensor([2.0, 0.0]).double().softmax(0), atol=1e-6)


def test_content_weights_do_not_depend_on_lengths():
    draw = Draw()
    key, strength, memory = draw.constant(2, 3, 8), draw.positive(2, 3), draw.constant(2, 5, 8)
    expected = (strength[..., None] * torch.cosine_similarity(key[:, :, None], memory[:, None], dim=-1)).softmax(-1)
    assert torch.allclose(content_addressing(100 * key, strength, 100 * memory), expected, atol=1e-8)


def test_zero_strength_attends_to_all_rows_alike():
    draw = Draw()
    weight = content_addressing(draw(2, 3, 4), torch.zeros(2, 3).double(), draw(2, 5, 4))
    assert torch.allclose(weight, torch.full_like(weight, 0.2))


@pytest.mark.parametrize("dtype", [torch.float, torch.double])
def test_a_blank_memory_has_uniform_weights_and_bounded_gradients(dtype):
    draw = Draw(dtype=dtype)
    memory = torch.zeros(1, 5, 4, dtype=dtype, requires_grad=True)
    weight = content_addressing(draw(1, 1, 4), draw.positive(1, 1), memory)
    (gradient,) = torch.autograd.grad(weight[..., 0].sum(), memory)
    assert torch.allclose(weight, torch.full_like(weight, 0.2))
    assert 0 < gradient.abs().max() < 1.5 / EPSILON


def test_the_gate_chooses_between_content_and_the_step_before():
    content, previous = Draw().distribution(2, 5), Draw(seed=1).distribution(2, 5)
    weight = interpolate(content, previous, torch.tensor([1.0, 0.0]).double())
    assert torch.equal(weight, torch.stack([content[0], previous[1]]))


@pytest.mark.parametrize(("offset", "row"), [(-1, 1), (0, 2), (1, 3)])
def test_weight_on_an_offset_moves_the_head_by_it(offset, row):
    """Equation 8's sign: a correlation would move the other way."""
    weight, shift = torch.eye(5)[2], torch.eye(3)[offset + 1]
    assert torch.equal(circular_shift(weight, shift), torch.eye(5)[row])


def test_shifts_wrap_round():
    assert torch.equal(circular_shift(torch.eye(5)[4], torch.eye(3)[2]), torch.eye(5)[0])


def test_shift_equals_the_double_sum():
    weight, shift = Draw().distribution(4), Draw(seed=1).distribution(7)  # wider than the memory
    expected = torch.zeros(4, dtype=torch.double)
    for row in range(4):
        for offset in range(-3, 4):
            expected[(row + offset) % 4] += weight[row].item() * shift[offset + 3].item()
    assert torch.allclose(circular_shift(weight, shift), expected)


def test_an_even_number_of_shifts_is_refused():
    with pytest.raises(ZooError, match="4 shift weights: must be an odd number"):
        circular_shift(torch.ones(5), torch.ones(4))


def test_sharpening_by_hand():
    weight = sharpen(torch.tensor([0.25, 0.5, 0.25]), torch.tensor(2.0))
    assert torch.allclose(weight, torch.tensor([1 / 6, 2 / 3, 1 / 6]))


def test_sharpening_in_single_precision_does_not_underflow():
    """0.01 to the 30th is less than the smallest number: powers alone would give 0 / 0."""
    weight = torch.full((100,), 0.01, requires_grad=True)
    sharp = sharpen(weight, torch.tensor(30.0))
    (gradient,) = torch.autograd.grad(sharp[0], weight)
    assert torch.allclose(sharp, weight)
    assert gradient[0].item() == pytest.approx(30 * 0.99, rel=1e-4)


def test_sharpening_keeps_zeros_and_its_gradients_finite():
    weight = torch.tensor([0.0, 0.4, 0.6], requires_grad=True)
    exponent = torch.tensor(1.5, requires_grad=True)
    sharp = sharpen(weight, exponent)
    gradients = torch.autograd.grad(sharp[1], [weight, exponent])
    assert sharp[0] == 0
    assert all(gradient.isfinite().all() for gradient in gradients)
