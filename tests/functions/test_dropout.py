import itertools

import pytest
import torch

from zoo.errors import ZooError
from zoo.functions import native
from zoo.functions.dropout import draw_mask, dropout, original_dropout


def _weighted_masks(units, *, retain):
    """Every mask with its probability."""
    for bits in itertools.product([0.0, 1.0], repeat=units):
        kept = int(sum(bits))
        yield torch.tensor(bits, dtype=torch.double), retain**kept * (1 - retain) ** (units - kept)


def test_value_and_gradient_by_hand():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = dropout(x, torch.tensor([1.0, 0.0, 1.0]), 0.75)
    y.sum().backward()
    assert y.tolist() == [4.0, 0.0, 12.0]
    assert x.grad.tolist() == [4.0, 0.0, 4.0]


def test_in_the_mean_over_all_masks_both_conventions_give_what_they_give_at_test_time():
    x = torch.tensor([1.0, -2.0, 5.0], dtype=torch.double)
    inverted = sum(share * dropout(x, mask, 0.3) for mask, share in _weighted_masks(3, retain=0.7))
    original = sum(share * original_dropout(x, mask, 0.7) for mask, share in _weighted_masks(3, retain=0.7))
    assert torch.allclose(inverted, x)
    assert torch.allclose(original, original_dropout(x, None, 0.7))


def test_retained_read_as_dropped_gives_the_wrong_mean():
    """Erratum E53: slide D4:1327's p = 0.7, handed to a library that counts what it drops."""
    x = torch.ones(3, dtype=torch.double)
    mean = sum(share * dropout(x, mask, 0.7) for mask, share in _weighted_masks(3, retain=0.7))
    assert torch.allclose(mean, 0.7 / 0.3 * x)


def test_a_mask_is_drawn_from_the_given_generator_alone():
    x = torch.zeros(50, 40)
    before = torch.get_rng_state()
    first, second = (draw_mask(x, drop=0.2, generator=torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_mask_drops_the_share_that_it_is_told():
    mask = draw_mask(torch.zeros(200, 500), drop=0.2, generator=torch.Generator().manual_seed(0))
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert mask.mean().item() == pytest.approx(0.8, abs=0.01)  # eight standard deviations


@pytest.mark.parametrize("drop", [-0.1, 1.0, float("nan")])
def test_a_share_out_of_range_is_refused(drop):
    x = torch.ones(2)
    with pytest.raises(ZooError, match="drop"):
        draw_mask(x, drop=drop)
    with pytest.raises(ZooError, match="drop"):
        dropout(x, x, drop)
    with native(), pytest.raises(ZooError, match="drop"):
        dropout(x, x, drop)


@pytest.mark.parametrize("retain", [0.0, 1.1, float("nan")])
def test_a_retained_share_out_of_range_is_refused(retain):
    with pytest.raises(ZooError, match="a unit stays must be above 0"):
        original_dropout(torch.ones(2), None, retain)
    with native(), pytest.raises(ZooError, match="a unit stays"):
        original_dropout(torch.ones(2), None, retain)
