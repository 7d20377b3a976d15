import pytest
import torch

from zoo.errors import ZooError
from zoo.layers.similarity import MEASURES, Bilinear, Cosine, Euclidean, GeneralizedSimilarity


def _features():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(5, 4, generator=generator).double(), torch.randn(7, 4, generator=generator).double()


@pytest.fixture(params=MEASURES)
def measure(request):
    torch.manual_seed(0)
    return MEASURES[request.param](4, 4, 3).double()


def test_the_table_holds_every_pair(measure):
    x, y = _features()
    table = measure.table(x, y)
    assert torch.allclose(table[2], measure(x[2].expand(7, 4), y))


def test_blocks_of_rows_are_the_table(measure):
    x, y = _features()
    assert torch.allclose(torch.cat(list(measure.rows(x, y, block=2))), measure.table(x, y))


def test_euclidean_is_the_scaled_and_shifted_square():
    x, y = _features()
    measure = Euclidean(4, 4).double()
    measure.f.data.fill_(3)
    assert torch.allclose(measure.table(x, y), 0.25 * torch.cdist(x, y).square() + 3)


def test_cosine_is_minus_the_scaled_cosine():
    x, y = _features()
    found = Cosine(4, 4).double()(x, y[:5])
    assert torch.allclose(found, 4 - 8 * torch.cosine_similarity(x, y[:5]))


def test_bilinear_is_its_form():
    x, y = _features()
    measure = Bilinear(4, 4, rank=2).double()
    assert torch.allclose(measure.table(x, y), 4 - 2 * x @ measure.c_x.T @ measure.c_y @ y.T)


def test_measures_start_alike_with_the_boundary_at_sixty_degrees(measure):
    """At the length that the branches give their features, so that none has to find it first."""
    angle = torch.tensor([0.0, 60.0, 90.0]).double().deg2rad()
    x = torch.zeros(3, 4).double()
    x[:, 0] = 4
    y = 4 * torch.stack([angle.cos(), angle.sin(), 0 * angle, 0 * angle], dim=1)
    for name, parameter in measure.named_parameters():
        if name != "f" and parameter.dim() == 2:
            parameter.data.copy_(0.5 * torch.eye(*parameter.shape))  # without what is drawn around it
    assert torch.allclose(measure(x, y), torch.tensor([-4.0, 0.0, 4.0]).double())


def test_the_generalized_measure_takes_unlike_branches_and_others_say_that_they_do_not():
    x, y = torch.randn(3, 4), torch.randn(2, 6)
    assert GeneralizedSimilarity(4, 6, rank=3).table(x, y).shape == (3, 2)
    for kind in (Euclidean, Cosine):
        with pytest.raises(ZooError, match="branches of 4 and 6 features: a"):
            kind(4, 6)


def test_the_generalized_measure_holds_the_others():
    """The parameters of each special case, put into the general one, give its values."""
    x, y = _features()
    for name in ("euclidean", "bilinear"):
        special, general = MEASURES[name](4, 4, 4).double(), GeneralizedSimilarity(4, 4, rank=4).double()
        found = special.measure()
        for own, value in zip((general.a, general.b, general.c_x, general.c_y, general.d, general.e, general.f), found, strict=True):
            own.data.copy_(value)
        assert torch.allclose(general.table(x, y), special.table(x, y)), name


def test_mixed_precision_leaves_distances_exact(measure):
    """Far from the origin half precision would lose them: they are differences of large squares."""
    measure, (x, y) = measure.float(), (each.float() + 30 for each in _features())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        table, pairs = measure.table(x, y), measure(x, y[:5])
    assert torch.equal(table, measure.table(x, y))
    assert torch.equal(pairs, measure(x, y[:5]))


def test_a_start_from_pairs_is_the_ratio_of_likelihoods():
    """Of differences that are Gaussian within pairs and between them, and whose directions do not mix."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4000, 3, generator=generator).double()
    y = x + torch.tensor([0.1, 0.5, 3.0]) * torch.randn(4000, 3, generator=generator)
    measure = GeneralizedSimilarity(3, 3, rank=3).double()
    measure.start_from_pairs(x, y)
    a = measure.a.T @ measure.a
    for other in (measure.b.T @ measure.b, measure.c_x.T @ measure.c_y):
        assert torch.equal(a, other)
    within = torch.tensor([0.01, 0.25, 9.0])
    between = torch.tensor([2.01, 2.25, 11.0])
    ridge = 0.3 * within.mean()
    expected = 1 / (within + ridge) - 1 / (between + ridge)
    found = a.diagonal().detach() / a[0, 0].detach()
    assert torch.allclose(found, (expected / expected[0]).double(), rtol=0.1, atol=0.01)
    table = measure.table(x[:500], y[:500])
    assert table.diagonal().mean().item() == pytest.approx(-1, abs=0.1)
    assert table[~torch.eye(500, dtype=torch.bool)].mean().item() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("measure", [GeneralizedSimilarity(3, 4, rank=4), GeneralizedSimilarity(3, 3, rank=2)])
def test_a_start_from_pairs_wants_like_features_and_all_ranks(measure):
    with pytest.raises(ZooError, match="as many ranks as features, 3, in both domains"):
        measure.start_from_pairs(torch.zeros(5, 3), torch.zeros(5, 3))
